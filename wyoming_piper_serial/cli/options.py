"""The options themselves, in the order in which help and the README list them."""

import argparse
from typing import get_args

from wyoming_piper_serial import __version__
from wyoming_piper_serial.cli.values import (
    base_url,
    directory,
    log_format,
    network,
    network_priority,
    number,
    origin,
    path,
    preset,
    service_name,
    token,
    whole,
)
from wyoming_piper_serial.settings import MAX_SEED, Normalize, Schedule, Settings

_DEFAULT = Settings()
ENVIRONMENT_PREFIX = "WYOMING_PIPER_SERIAL_"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all options of the server."""
    _add_main_options(parser)
    _add_sharing_options(parser)
    _add_style_options(parser)
    _add_loudness_options(parser)
    _add_limit_options(parser)
    _add_timeout_options(parser)
    _add_http_options(parser)
    _add_download_options(parser)
    _add_logging_options(parser)


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
    add(
        "--allow",
        type=network,
        action="append",
        metavar="CIDR",
        help="network whose machines may connect, such as 192.168.1.0/24; may be repeated; all if left out",
    )
    add("--voice", default=_DEFAULT.voice, metavar="NAME", help="voice of requests that name none")
    add(
        "--speaker",
        action="append",
        metavar="[VOICE=]NAME",
        help="speaker of the default voice, by name or number, or of another voice; may be repeated",
    )
    add(
        "--preset",
        type=preset,
        action="append",
        metavar="NAME=VOICE,...",
        help="voice under a name of its own, such as joe-slow=en_US-joe-medium,length_scale=1.3; may be repeated",
    )
    add(
        "--preload",
        action="append",
        metavar="NAME",
        help="voice to load at the start, behind the default one; may be repeated; all for every voice",
    )
    add("--data-dir", type=directory, action="append", metavar="DIR", help="folder with voices; may be repeated")
    add("--download-dir", type=path, metavar="DIR", help="where voices are downloaded to; looked at last")
    add("--cache-dir", type=path, metavar="DIR", help="where cut models are kept; your cache folder if left out")
    add("--use-cuda", action="store_true", help="run on an NVIDIA GPU; needs onnxruntime-gpu")
    add(
        "--zeroconf",
        type=service_name,
        nargs="?",
        const="piper",
        metavar="NAME",
        help="announce the server to Home Assistant",
    )
    add("--no-streaming", action="store_true", help="speak a text stream only once its text is complete")
    add(
        "--samples-per-chunk",
        type=whole(1, 1 << 20),
        default=_DEFAULT.samples_per_chunk,
        metavar="N",
        help="samples in an audio-chunk event",
    )
    add(
        "--drain-timeout",
        type=number(0, 3600),
        default=_DEFAULT.drain_timeout,
        metavar="SECONDS",
        help="on SIGTERM or Ctrl-C, how long speech may take to finish",
    )


def _add_sharing_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--schedule",
        choices=get_args(Schedule),
        default=_DEFAULT.sharing.schedule,
        help="whose turn: by playback deadline, so that all hear something soon, or one request after the other",
    )
    add(
        "--priority",
        type=network_priority,
        action="append",
        metavar="NETWORK=high|normal|low",
        help="priority of clients by address, such as 192.168.1.20=high or 10.0.0.0/8=low; may be repeated",
    )
    add(
        "--instances",
        type=whole(1, 64),
        default=_DEFAULT.sharing.instances,
        metavar="N",
        help="copies of each voice in memory that speak side by side; more than 1 seldom pays",
    )
    add("--threads", type=whole(1, 1024), metavar="N", help="threads for model runs; one for each core if left out")
    add(
        "--batch-max",
        type=whole(1, 64),
        metavar="N",
        help="chunks made by one model run; 1 on a CPU and 8 on a GPU if left out",
    )


def _add_style_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--noise-scale", type=number(0, 10), metavar="X", help="variation of the sound; the voice's own if left out")
    add("--length-scale", type=number(0.1, 10), metavar="X", help="slowness: 2 takes twice as long")
    add("--noise-w-scale", "--noise-w", type=number(0, 10), metavar="X", help="variation of the rhythm")
    add(
        "--sentence-silence",
        type=number(0, 60),
        default=_DEFAULT.synthesis.sentence_silence,
        metavar="SECONDS",
        help="silence between sentences",
    )
    add(
        "--sample-rate",
        type=whole(8000, 48000),
        metavar="HZ",
        help="sample rate of all that is sent, such as 48000; the voice's own if left out",
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
        default=_DEFAULT.synthesis.normalize,
        help="loudness: one gain for the voice, each sentence to full scale (starts later), or off",
    )
    add("--volume", type=number(0, 10), default=_DEFAULT.synthesis.volume, metavar="X", help="multiplies the loudness")
    add("--seed", type=whole(0, MAX_SEED), metavar="N", help="makes the same speech again; without it speech varies")


def _add_limit_options(parser: argparse.ArgumentParser) -> None:
    limits = _DEFAULT.limits
    for option, convert, default, metavar, text in [
        ("--max-text", whole(1, 1 << 24), limits.max_text, "N", "characters in one request"),
        ("--max-sentence", whole(20, 5000), _DEFAULT.text.max_sentence, "N", "characters in one sentence; cut beyond"),
        ("--max-queue", whole(1, 1 << 16), limits.max_queue, "N", "requests that need the voice at the same time"),
        ("--queue-timeout", number(0, 86400), limits.queue_timeout, "SECONDS", "waiting for the voice; 0 is for ever"),
        ("--request-timeout", number(0, 604800), limits.request_timeout, "SECONDS", "a request in all; 0 is for ever"),
        ("--step-timeout", number(0, 86400), limits.step_timeout, "SECONDS", "one step of the voice; 0 is for ever"),
        (
            "--max-requests-per-connection",
            whole(1, 1 << 16),
            limits.max_requests_per_connection,
            "N",
            "requests waiting on one connection",
        ),
        ("--max-connections", whole(1, 1 << 20), limits.max_connections, "N", "open connections"),
        (
            "--max-connections-per-address",
            whole(1, 1 << 20),
            limits.max_connections_per_address,
            "N",
            "open connections from one address; if left out, half of all from another machine",
        ),
        ("--max-ahead", number(1, 3600), limits.max_ahead, "SECONDS", "audio made ahead of a slow reader"),
        ("--max-voices", whole(1, 1000), limits.max_voices, "N", "voices kept in memory"),
        (
            "--max-memory",
            whole(1, 1 << 30),
            limits.max_memory,
            "MB",
            "memory of the voices kept, by estimate; half of what is free at the start if left out",
        ),
        ("--idle-unload", number(0, 10**7), limits.idle_unload, "SECONDS", "a voice unused in memory; 0 is for ever"),
        ("--max-header", whole(256, 1 << 24), limits.max_header, "BYTES", "length of an event's first line"),
        ("--max-data", whole(256, 1 << 28), limits.max_data, "BYTES", "length of an event's data, or of an HTTP body"),
        ("--max-payload", whole(0, 1 << 40), limits.max_payload, "BYTES", "length of a payload, which is skipped"),
    ]:
        parser.add_argument(option, type=convert, default=default, metavar=metavar, help=f"limit: {text}")


def _add_timeout_options(parser: argparse.ArgumentParser) -> None:
    timeouts = _DEFAULT.timeouts
    for option, default, text in [
        ("--event-timeout", timeouts.event, "how long an event may take from its first byte to its last"),
        ("--idle-timeout", timeouts.idle, "how long a connection with nothing to do stays open"),
        ("--stall-timeout", timeouts.stall, "how long a client may take nothing of the audio that waits for it"),
    ]:
        parser.add_argument(
            option, type=number(0, 10**7), default=default, metavar="SECONDS", help=f"{text}; 0 is for ever"
        )


def _add_http_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--http-uri", metavar="URI", help="where to listen for HTTP, such as tcp://127.0.0.1:10280; off if left out")
    add("--http-token", type=token, metavar="TOKEN", help="what HTTP clients must send to be spoken to")
    add(
        "--http-cors",
        type=origin,
        action="append",
        metavar="ORIGIN",
        help="other web page that may ask, such as https://example.org; may be repeated",
    )


def _add_download_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    downloads = _DEFAULT.downloads
    add("--offer-downloads", action="store_true", help="offer all public voices, and download one when it is asked for")
    add("--offline", action="store_true", help="download nothing at all")
    add(
        "--voices-url",
        type=base_url,
        default=downloads.url,
        metavar="URL",
        help="where public voices are downloaded from",
    )
    add("--update-voices", action="store_true", help="refresh the list of public voices at the start")
    add(
        "--download-timeout",
        type=number(0.1, 3600),
        default=downloads.timeout,
        metavar="SECONDS",
        help="how long the server of voices may be silent",
    )


def _add_logging_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--debug", action="store_true", help="log more")
    add(
        "--log-format",
        type=log_format,
        default=_DEFAULT.logging.format,
        metavar="FORMAT",
        help="format of log lines (Python logging)",
    )
    add("--log-text", action="store_true", help="log what is spoken; it is private, so only its length is logged")
