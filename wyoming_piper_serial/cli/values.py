"""Converts option values from text. Each converter raises ArgumentTypeError with the reason if a value is invalid."""

import argparse
import logging
import math
import re
import stat
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wyoming_piper_serial.observe.logs import formatter
from wyoming_piper_serial.settings import NetworkPriority, Preset, Priority, VoiceAlias, make_preset, preset_options
from wyoming_piper_serial.settings.option import Choice, Number, Text, Whole, ZeroOr

_HOST_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


def number(low: float, high: float) -> Callable[[str], float]:
    def convert(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{value!r:.80} is not a number from {low:g} to {high:g}")
        return number

    return convert


def whole(low: int, high: int) -> Callable[[str], int]:
    def convert(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{value!r:.80} is not a whole number from {low} to {high}")
        return number

    return convert


def zero_or(low: int, high: int) -> Callable[[str], int]:
    def convert(value: str) -> int:
        try:
            return 0 if value.strip() == "0" else whole(low, high)(value)
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentTypeError(f"{error}, or 0") from error

    return convert


def path(value: str) -> Path:
    if not value or "\0" in value:
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not a path")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:  # the user in `~user` is unknown
        raise argparse.ArgumentTypeError(f"{value!r:.80}: {error}") from error


def file(value: str) -> Path:
    path = Path(value)
    try:
        path = path.expanduser()
        # Not `is_file`, because it hides some errors, and since Python 3.14 all errors.
        found = bool(value) and stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: the name contains a null character
        found = False
    except (OSError, RuntimeError) as error:  # such as a name that is too long, or an unknown user in `~user`
        reason = error.strerror if isinstance(error, OSError) else error
        raise argparse.ArgumentTypeError(f"{value!r:.80}: {reason}") from error
    if not found:
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not a file")
    return path


def network(value: str) -> IPv4Network | IPv6Network:
    """Converts an address or a network, such as `192.168.1.0/24`. Converts IPv4-mapped IPv6 addresses to IPv4."""
    try:
        # Python accepts a network with an interface (`fe80::%eth0/64`), but no address would match it.
        network = ip_network("" if "%" in value else value, strict=False)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{value!r:.80} is not a network such as 192.168.1.0/24 or fd00::/8"
        ) from error
    if isinstance(network, IPv6Network) and network.prefixlen >= 96 and (mapped := network.network_address.ipv4_mapped):
        return IPv4Network((mapped, network.prefixlen - 96))
    return network


def service_name(value: str) -> str:
    """Checks a DNS-SD instance name (RFC 6763, section 4.1.1)."""
    if not 1 <= len(value.encode(errors="replace")) <= 63 or not value.isprintable():
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not a name of 1 to 63 bytes")
    return value


def network_priority(value: str) -> NetworkPriority:
    """Converts `ADDRESS=PRIORITY` or `NETWORK=PRIORITY`."""
    where, _, priority = value.rpartition("=")
    try:
        return NetworkPriority(network(where.strip()), Priority(priority.strip().lower()))
    except (ValueError, argparse.ArgumentTypeError) as error:
        message = f"{value!r:.80} is not NETWORK=PRIORITY, such as 192.168.1.20=high or 10.0.0.0/8=low"
        raise argparse.ArgumentTypeError(message) from error


def token(value: str) -> str:
    """Checks a bearer token, which must be suitable for an HTTP header without encoding."""
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise argparse.ArgumentTypeError("it must consist of ASCII letters, digits and punctuation, without spaces")
    return value


def host_name(value: str) -> str:
    """Checks a host name, which must not contain a scheme, a port or a path. Converts it to lower case."""
    if not _HOST_NAME.fullmatch(value) or len(value) > 253:
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not a host name such as piper.example.org, without a port")
    return value.lower()


def origin(value: str) -> str:
    """Checks a web origin, which must have the form that browsers send (RFC 6454, section 6.1)."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.netloc)
        good = good and value == f"{parts.scheme}://{parts.netloc}".lower()
    except ValueError:
        good = False
    if not good:
        message = f"{value!r:.80} is not an origin such as https://example.org or http://homeassistant.local:8123"
        raise argparse.ArgumentTypeError(message)
    return value


def preset(value: str) -> Preset:
    """Converts `NAME=VOICE,KEY=VALUE,...`. KEY is `speaker` or a field of SynthesisSettings or TextSettings that
    presets may set."""
    name, _, rest = value.partition("=")
    name = name.strip()
    voice, *changes = [part.strip() for part in rest.split(",")]
    if not name or not voice:
        example = "joe-slow=en_US-joe-medium,length_scale=1.3,volume=0.8"
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not NAME=VOICE,KEY=VALUE such as {example}")
    converters = _preset_converters()
    values: dict[str, Any] = {}
    speaker = None
    for change in changes:
        what, _, setting = (part.strip() for part in change.partition("="))
        what = what.replace("-", "_")
        if what == "speaker" and setting:
            speaker = setting
        elif what in converters:
            try:
                values[what] = converters[what](setting)
            except argparse.ArgumentTypeError as error:
                raise argparse.ArgumentTypeError(f"preset {name}: {what}: {error}") from error
        else:
            known = ", ".join(["speaker", *converters])
            raise argparse.ArgumentTypeError(f"preset {name}: {change!r:.40} is none of {known}, with a value")
    return make_preset(name, voice, speaker, values)


def _preset_converters() -> dict[str, Callable[[str], Any]]:
    return {
        name: converter(option.kind)
        for name, option in preset_options().items()
        if isinstance(option.kind, Whole | Number | Choice)
    }


def voice_alias(value: str) -> VoiceAlias:
    """Converts `NAME=VOICE`."""
    name, _, voice = (part.strip() for part in value.partition("="))
    if not name or not voice:
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not NAME=VOICE such as alloy=en_US-joe-medium")
    return VoiceAlias(name, voice)


def one_of(words: Sequence[str]) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value not in words:
            raise argparse.ArgumentTypeError(f"{value!r:.80} is not one of {', '.join(words)}")
        return value

    return convert


def base_url(value: str) -> str:
    """Converts a URL to which file paths will be appended. Removes trailing slashes."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    else:
        good = good and not (parts.query or parts.fragment or "@" in parts.netloc or "?" in value or "#" in value)
    if not good or not value.isascii() or not value.isprintable() or " " in value or len(value) > 2000:
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not a URL such as https://example.org/voices")
    return value.rstrip("/")


def log_format(value: str) -> str:
    try:
        formatter(value).format(logging.makeLogRecord({}))
    except (KeyError, TypeError, ValueError) as error:
        message = f"{value!r:.80} is neither `json` nor a format of Python's logging ({error})"
        raise argparse.ArgumentTypeError(message) from error
    return value


_TEXTS: dict[Text, Callable[[str], Any]] = {
    Text.PLAIN: str,
    Text.OPTIONAL: lambda value: value or None,
    Text.PATH: path,
    Text.FILE: file,
    Text.NETWORK: network,
    Text.NETWORK_PRIORITY: network_priority,
    Text.PRESET: preset,
    Text.VOICE_ALIAS: voice_alias,
    Text.SERVICE_NAME: service_name,
    Text.TOKEN: token,
    Text.HOST_NAME: host_name,
    Text.ORIGIN: origin,
    Text.BASE_URL: base_url,
    Text.LOG_FORMAT: log_format,
}


def converter(kind: Whole | ZeroOr | Number | Choice | Text) -> Callable[[str], Any]:
    """Returns the converter for values of `kind`."""
    match kind:
        case Whole(low, high):
            return whole(low, high)
        case ZeroOr(low, high):
            return zero_or(low, high)
        case Number(low, high):
            return number(low, high)
        case Choice(words):
            return one_of(words)
        case Text():
            return _TEXTS[kind]
