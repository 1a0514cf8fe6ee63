"""All options, and Settings from them."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

import configargparse

from wyoming_piper_serial.cli.options import ENVIRONMENT_PREFIX, add_options
from wyoming_piper_serial.settings import (
    Downloading,
    Http,
    Limits,
    Logging,
    Settings,
    Sharing,
    SynthesisSettings,
    TextSettings,
    Timeouts,
)

PROGRAM = "wyoming-piper-serial"
BAD_SETTINGS = 2
"""Exit code."""

_DEFAULT = Settings()
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def failed(message: str) -> int:
    """Say in one line why the program cannot begin; returns the exit code."""
    print(f"{PROGRAM}: {' '.join(message.splitlines())}", file=sys.stderr)
    return BAD_SETTINGS


def parse_settings(argv: Sequence[str]) -> Settings:
    """Settings from `argv`, the environment and the config file, in this order of precedence.

    Ends the process with code 2 and one line for a bad value.
    """
    args = build_parser().parse_args(argv)
    return Settings(
        uri=args.uri,
        allow=tuple(args.allow or ()),
        voice=args.voice,
        speaker=_default_speaker(args.speaker or []),
        speakers=dict(speaker.split("=", 1) for speaker in args.speaker or [] if "=" in speaker),
        presets=tuple(args.preset or ()),
        preload=tuple(args.preload or ()),
        data_dirs=tuple(args.data_dir or ()),
        download_dir=args.download_dir,
        cache_dir=args.cache_dir,
        use_cuda=args.use_cuda,
        zeroconf=args.zeroconf,
        streaming=not args.no_streaming,
        samples_per_chunk=args.samples_per_chunk,
        drain_timeout=args.drain_timeout,
        sharing=Sharing(
            schedule=args.schedule,
            instances=args.instances,
            threads=args.threads,
            batch_max=args.batch_max,
            priorities=tuple(args.priority or ()),
        ),
        synthesis=SynthesisSettings(
            noise_scale=args.noise_scale,
            length_scale=args.length_scale,
            noise_w_scale=args.noise_w_scale,
            sentence_silence=args.sentence_silence,
            sample_rate=args.sample_rate,
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
            queue_timeout=args.queue_timeout,
            request_timeout=args.request_timeout,
            step_timeout=args.step_timeout,
            max_requests_per_connection=args.max_requests_per_connection,
            max_connections=args.max_connections,
            max_connections_per_address=args.max_connections_per_address,
            max_ahead=args.max_ahead,
            max_voices=args.max_voices,
            max_memory=args.max_memory,
            idle_unload=args.idle_unload,
        ),
        timeouts=Timeouts(event=args.event_timeout, idle=args.idle_timeout, stall=args.stall_timeout),
        http=Http(uri=args.http_uri or None, token=args.http_token, cors=tuple(args.http_cors or ())),
        downloads=Downloading(
            offered=args.offer_downloads,
            offline=args.offline,
            url=args.voices_url,
            update_list=args.update_voices,
            timeout=args.download_timeout,
        ),
        logging=Logging(debug=args.debug, format=args.log_format, log_text=args.log_text),
    )


def _default_speaker(speakers: Sequence[str]) -> str | None:
    """The last that names no voice."""
    return next((speaker for speaker in reversed(speakers) if "=" not in speaker), None)


class _Parser(configargparse.ArgumentParser):  # type: ignore[misc]  # the library has no types
    def error(self, message: str) -> NoReturn:
        """One line: the usage of all these options would bury it."""
        sys.exit(failed(message))

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
        epilog=f'Also: {PROGRAM} say "text", {PROGRAM} health, {PROGRAM} voices list. Each has its own --help.',
        auto_env_var_prefix=ENVIRONMENT_PREFIX,
        config_file_parser_class=_ConfigFile,
        add_env_var_help=False,
        add_config_file_help=False,
        allow_abbrev=False,
    )
    add_options(parser)
    return parser
