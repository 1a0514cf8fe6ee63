"""Command line, environment and config file to Settings; exit codes."""

import argparse
import asyncio
import logging
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO, get_args

import configargparse

from wyoming_piper_serial import __version__, client
from wyoming_piper_serial.exceptions import PiperSerialError, VoiceFileError
from wyoming_piper_serial.settings import MAX_SEED, Limits, Logging, Normalize, Settings, Style, TextSettings

PROGRAM = "wyoming-piper-serial"
ENVIRONMENT_PREFIX = "WYOMING_PIPER_SERIAL_"
BAD_SETTINGS = 2
_LAST_STEP = 1.0  # seconds a running step gets at the end; most take less

_DEFAULT = Settings()
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def run() -> NoReturn:
    """`main` as a process of its own: signals are obeyed from the first moment to the last."""
    if not _is_client(sys.argv[1:]):
        # Until the server has handlers of its own; as process 1 of a container it would ignore them.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
    code = main()
    _leave_stuck_threads(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if _is_client(arguments):
        return client.main(arguments)
    return _serve(parse_settings(arguments))


def _is_client(arguments: Sequence[str]) -> bool:
    return bool(arguments) and arguments[0] in client.COMMANDS


def _serve(settings: Settings) -> int:
    # Standard output may be the wire of stdio://, so nothing but events goes there.
    logging.basicConfig(
        level=logging.DEBUG if settings.logging.debug else logging.INFO,
        format=settings.logging.format,
        stream=sys.stderr,
    )
    if not settings.logging.log_text:
        # piper-tts logs what it is given to say.
        logging.getLogger("piper").setLevel(logging.ERROR)
    # Takes most of the start-up time: neither `health` nor a wrong option has to wait for it.
    from wyoming_piper_serial.app import prepare  # noqa: PLC0415

    try:
        asyncio.run(prepare(settings).run())
    except VoiceFileError as error:
        return _failed(f"the voice {error.voice} cannot be used: {error.detail}")
    except PiperSerialError as error:
        return _failed(str(error))
    return 0


def _leave_stuck_threads(code: int) -> None:
    """End the process now if a step or a load goes on: it cannot be stopped, and Python would wait for it."""
    deadline = time.monotonic() + _LAST_STEP
    others = [thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        logging.shutdown()
        os._exit(code)


def _failed(message: str) -> int:
    print(f"{PROGRAM}: {' '.join(message.splitlines())}", file=sys.stderr)
    return BAD_SETTINGS


def parse_settings(argv: Sequence[str]) -> Settings:
    """Settings from `argv`, the environment and the config file, in this order of precedence.

    Ends the process with code 2 and one line for a bad value.
    """
    args = build_parser().parse_args(argv)
    return Settings(
        uri=args.uri,
        voice=args.voice,
        speaker=args.speaker,
        data_dirs=tuple(args.data_dir or ()),
        download_dir=args.download_dir,
        cache_dir=args.cache_dir,
        use_cuda=args.use_cuda,
        zeroconf=args.zeroconf,
        streaming=not args.no_streaming,
        samples_per_chunk=args.samples_per_chunk,
        drain_timeout=args.drain_timeout,
        style=Style(
            noise_scale=args.noise_scale,
            length_scale=args.length_scale,
            noise_w_scale=args.noise_w_scale,
            sentence_silence=args.sentence_silence,
            normalize=args.normalize,
            volume=args.volume,
            seed=args.seed,
        ),
        text=TextSettings(auto_punctuation=args.auto_punctuation, max_sentence=args.max_sentence),
        limits=Limits(
            max_header=args.max_header,
            max_data=args.max_data,
            max_payload=args.max_payload,
            max_text=args.max_text,
            max_queue=args.max_queue,
            max_requests_per_connection=args.max_requests_per_connection,
            max_connections=args.max_connections,
            max_ahead=args.max_ahead,
            max_voices=args.max_voices,
        ),
        logging=Logging(debug=args.debug, format=args.log_format, log_text=args.log_text),
    )


class _Parser(configargparse.ArgumentParser):  # type: ignore[misc]  # the library has no types
    def error(self, message: str) -> NoReturn:
        """One line: the usage of all these options would bury it."""
        sys.exit(_failed(message))

    def convert_item_to_command_line_arg(
        self, action: argparse.Action | None, key: str, value: str | list[Any]
    ) -> list[str]:
        """Arguments for a `value` from the environment or the config file."""
        if action is not None and action.nargs == 0 and not isinstance(value, str):
            self.error(f"{key} takes true or false, once")
        if action is not None and action.nargs == argparse.OPTIONAL and isinstance(value, str):
            # As for a flag: on with the option's own default, or off.
            if value.lower() in _TRUE:
                value = str(action.const)
            elif value.lower() in _FALSE:
                return []
        arguments: list[str] = super().convert_item_to_command_line_arg(action, key, value)
        return arguments


class _ConfigFile(configargparse.DefaultConfigFileParser):  # type: ignore[misc]  # the library has no types
    """One NAME = VALUE a line; an option that may be repeated has one line for each value."""

    def parse(self, stream: TextIO) -> dict[str, str | list[Any]]:
        items: dict[str, str | list[Any]] = {}
        try:
            for number, line in enumerate(stream, start=1):
                for name, value in self._parse_line(stream.name, number, line).items():
                    items[name] = _listed(items[name]) + _listed(value) if name in items else value
        except ValueError as error:
            raise configargparse.ConfigFileParserException(f"--config {stream.name}: {error}") from error
        return items

    def _parse_line(self, path: str, number: int, line: str) -> dict[str, str | list[Any]]:
        try:
            items: dict[str, str | list[Any]] = super().parse([line])
        except configargparse.ConfigFileParserException as error:
            message = f"--config {path}: line {number} is not NAME = VALUE"
            raise configargparse.ConfigFileParserException(message) from error
        return items


def _listed(value: str | list[Any]) -> list[Any]:
    return value if isinstance(value, list) else [value]


def build_parser() -> argparse.ArgumentParser:
    """The server's options; `docs` and tests read them from here."""
    parser: argparse.ArgumentParser = _Parser(
        prog=PROGRAM,
        description="A Wyoming text-to-speech server for Piper voices.",
        epilog=f'Also: {PROGRAM} say "text", {PROGRAM} health. Each has its own --help.',
        auto_env_var_prefix=ENVIRONMENT_PREFIX,
        config_file_parser_class=_ConfigFile,
        add_env_var_help=False,
        add_config_file_help=False,
        allow_abbrev=False,
    )
    _add_main_options(parser)
    _add_style_options(parser)
    _add_loudness_options(parser)
    _add_limit_options(parser)
    _add_logging_options(parser)
    return parser


def _add_main_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--config",
        metavar="FILE",
        is_config_file=True,
        env_var=f"{ENVIRONMENT_PREFIX}CONFIG",
        help="file of options, one NAME = VALUE a line",
    )
    add("--version", action="version", version=__version__, help="print the version and exit")
    add("--uri", default=_DEFAULT.uri, help="where to listen: tcp://HOST:PORT, unix://PATH or stdio://")
    add("--voice", default=_DEFAULT.voice, metavar="NAME", help="voice of requests that name none")
    add("--speaker", metavar="NAME", help="speaker of the default voice, by name or number")
    add("--data-dir", type=_directory, action="append", metavar="DIR", help="folder with voices; may be repeated")
    add("--download-dir", type=_directory, metavar="DIR", help="one more folder with voices, looked at last")
    add("--cache-dir", type=_path, metavar="DIR", help="where cut models are kept; your cache folder if left out")
    add("--use-cuda", action="store_true", help="run on an NVIDIA GPU; needs onnxruntime-gpu")
    add(
        "--zeroconf",
        type=_service_name,
        nargs="?",
        const="piper",
        metavar="NAME",
        help="announce the server to Home Assistant",
    )
    add("--no-streaming", action="store_true", help="speak a text stream only once its text is complete")
    add(
        "--samples-per-chunk",
        type=_whole(1, 1 << 20),
        default=_DEFAULT.samples_per_chunk,
        metavar="N",
        help="samples in an audio-chunk event",
    )
    add(
        "--drain-timeout",
        type=_number(0, 3600),
        default=_DEFAULT.drain_timeout,
        metavar="SECONDS",
        help="on SIGTERM or Ctrl-C, how long speech may take to finish",
    )


def _add_style_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--noise-scale", type=_number(0, 10), metavar="X", help="variation of the sound; the voice's own if left out")
    add("--length-scale", type=_number(0.1, 10), metavar="X", help="slowness: 2 takes twice as long")
    add("--noise-w-scale", "--noise-w", type=_number(0, 10), metavar="X", help="variation of the rhythm")
    add(
        "--sentence-silence",
        type=_number(0, 60),
        default=_DEFAULT.style.sentence_silence,
        metavar="SECONDS",
        help="silence between sentences",
    )
    add(
        "--auto-punctuation",
        default=_DEFAULT.text.auto_punctuation,
        metavar="MARKS",
        help="a sentence that ends in none of these marks gets the first; empty for never",
    )


def _add_loudness_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--normalize",
        choices=get_args(Normalize),
        default=_DEFAULT.style.normalize,
        help="loudness: one gain for the voice, each sentence to full scale (starts later), or off",
    )
    add("--volume", type=_number(0, 10), default=_DEFAULT.style.volume, metavar="X", help="multiplies the loudness")
    add("--seed", type=_whole(0, MAX_SEED), metavar="N", help="makes the same speech again; without it speech varies")


def _add_limit_options(parser: argparse.ArgumentParser) -> None:
    limits = _DEFAULT.limits
    for option, convert, default, metavar, text in [
        ("--max-text", _whole(1, 1 << 24), limits.max_text, "N", "characters in one request"),
        ("--max-sentence", _whole(20, 5000), _DEFAULT.text.max_sentence, "N", "characters in one sentence; cut beyond"),
        ("--max-queue", _whole(1, 1 << 16), limits.max_queue, "N", "requests that need the voice at the same time"),
        (
            "--max-requests-per-connection",
            _whole(1, 1 << 16),
            limits.max_requests_per_connection,
            "N",
            "requests waiting on one connection",
        ),
        ("--max-connections", _whole(1, 1 << 20), limits.max_connections, "N", "open connections"),
        ("--max-ahead", _number(1, 3600), limits.max_ahead, "SECONDS", "audio made ahead of a slow reader"),
        ("--max-voices", _whole(1, 1000), limits.max_voices, "N", "voices kept in memory"),
        ("--max-header", _whole(256, 1 << 24), limits.max_header, "BYTES", "length of an event's first line"),
        ("--max-data", _whole(256, 1 << 28), limits.max_data, "BYTES", "length of an event's data block"),
        ("--max-payload", _whole(0, 1 << 40), limits.max_payload, "BYTES", "length of a payload, which is skipped"),
    ]:
        parser.add_argument(option, type=convert, default=default, metavar=metavar, help=f"limit: {text}")


def _add_logging_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--debug", action="store_true", help="log more")
    add(
        "--log-format",
        type=_log_format,
        default=_DEFAULT.logging.format,
        metavar="FORMAT",
        help="format of log lines (Python logging)",
    )
    add("--log-text", action="store_true", help="log what is spoken; it is private, so only its length is logged")


def _number(low: float, high: float) -> Callable[[str], float]:
    def convert(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{value!r:.80} is not a number from {low:g} to {high:g}")
        return number

    return convert


def _whole(low: int, high: int) -> Callable[[str], int]:
    def convert(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{value!r:.80} is not a whole number from {low} to {high}")
        return number

    return convert


def _path(value: str) -> Path:
    try:
        path = Path(value).expanduser()
    except RuntimeError as error:  # a home of nobody
        raise argparse.ArgumentTypeError(f"{value!r:.80}: {error}") from error
    if not value:
        raise argparse.ArgumentTypeError("'' is not a folder")
    return path


def _directory(value: str) -> Path:
    try:
        path = Path(value).expanduser()
        found = bool(value) and path.is_dir()
    except (OSError, RuntimeError) as error:  # a name too long, a home of nobody
        reason = error.strerror if isinstance(error, OSError) else error
        raise argparse.ArgumentTypeError(f"{value!r:.80}: {reason}") from error
    if not found:
        raise argparse.ArgumentTypeError(f"{value!r} is not a folder")
    return path


def _service_name(value: str) -> str:
    """A DNS-SD instance name (RFC 6763, section 4.1.1)."""
    if not 1 <= len(value.encode(errors="replace")) <= 63 or not value.isprintable():
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not a name of 1 to 63 bytes")
    return value


def _log_format(value: str) -> str:
    try:
        logging.Formatter(value).format(logging.makeLogRecord({}))
    except (KeyError, TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not a format of Python's logging ({error})") from error
    return value
