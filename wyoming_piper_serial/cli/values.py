"""What the value of an option may be: each function converts a text, or says in plain words what is wrong."""

import argparse
import logging
import math
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wyoming_piper_serial.settings import MAX_SEED, NetworkPriority, Preset, Priority


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


def path(value: str) -> Path:
    try:
        path = Path(value).expanduser()
    except RuntimeError as error:  # a home of nobody
        raise argparse.ArgumentTypeError(f"{value!r:.80}: {error}") from error
    if not value:
        raise argparse.ArgumentTypeError("'' is not a folder")
    return path


def directory(value: str) -> Path:
    try:
        path = Path(value).expanduser()
        found = bool(value) and path.is_dir()
    except (OSError, RuntimeError) as error:  # a name too long, a home of nobody
        reason = error.strerror if isinstance(error, OSError) else error
        raise argparse.ArgumentTypeError(f"{value!r:.80}: {reason}") from error
    if not found:
        raise argparse.ArgumentTypeError(f"{value!r} is not a folder")
    return path


def network(value: str) -> IPv4Network | IPv6Network:
    """An address, or a network as `192.168.1.0/24`; one of IPv4 addresses written as IPv6 becomes IPv4."""
    try:
        # Python lets a network have an interface (`fe80::%eth0/64`), and then no address is in it.
        network = ip_network("" if "%" in value else value, strict=False)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{value!r:.80} is no network such as 192.168.1.0/24 or fd00::/8") from error
    if isinstance(network, IPv6Network) and network.prefixlen >= 96 and (mapped := network.network_address.ipv4_mapped):
        return IPv4Network((mapped, network.prefixlen - 96))
    return network


def service_name(value: str) -> str:
    """A DNS-SD instance name (RFC 6763, section 4.1.1)."""
    if not 1 <= len(value.encode(errors="replace")) <= 63 or not value.isprintable():
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not a name of 1 to 63 bytes")
    return value


def network_priority(value: str) -> NetworkPriority:
    """`ADDRESS=PRIORITY` or `NETWORK=PRIORITY`."""
    where, _, priority = value.rpartition("=")
    try:
        return NetworkPriority(network(where.strip()), Priority(priority.strip().lower()))
    except (ValueError, argparse.ArgumentTypeError) as error:
        message = f"{value!r:.80} is not NETWORK=PRIORITY, such as 192.168.1.20=high or 10.0.0.0/8=low"
        raise argparse.ArgumentTypeError(message) from error


def token(value: str) -> str:
    """What fits into an HTTP header as it is."""
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise argparse.ArgumentTypeError("it must be letters, digits and marks, without spaces")
    return value


def origin(value: str) -> str:
    """A web origin as browsers send it (RFC 6454, section 6.1)."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or value != f"{parts.scheme}://{parts.netloc}".lower() or not parts.netloc:
        message = f"{value!r:.80} is no origin such as https://example.org or http://homeassistant.local:8123"
        raise argparse.ArgumentTypeError(message)
    return value


_PRESET_STYLES: dict[str, Callable[[str], Any]] = {
    "length_scale": number(0.1, 10),
    "noise_scale": number(0, 10),
    "noise_w_scale": number(0, 10),
    "sentence_silence": number(0, 60),
    "volume": number(0, 10),
    "seed": whole(0, MAX_SEED),
}


def preset(value: str) -> Preset:
    """`NAME=VOICE,WHAT=VALUE,...`: WHAT is `speaker`, or one of the options for the style of speech."""
    name, _, rest = value.partition("=")
    voice, *changes = [part.strip() for part in rest.split(",")]
    if not name.strip() or not voice:
        example = "joe-slow=en_US-joe-medium,length_scale=1.3,volume=0.8"
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not NAME=VOICE,WHAT=VALUE such as {example}")
    synthesis: dict[str, Any] = {}
    speaker = None
    for change in changes:
        what, _, setting = (part.strip() for part in change.partition("="))
        what = what.replace("-", "_")
        if what == "speaker" and setting:
            speaker = setting
        elif what in _PRESET_STYLES:
            try:
                synthesis[what] = _PRESET_STYLES[what](setting)
            except argparse.ArgumentTypeError as error:
                raise argparse.ArgumentTypeError(f"preset {name.strip()}: {what}: {error}") from error
        else:
            known = ", ".join(["speaker", *_PRESET_STYLES])
            raise argparse.ArgumentTypeError(f"preset {name.strip()}: {change!r:.40} is none of {known}, with a value")
    return Preset(name=name.strip(), voice=voice, speaker=speaker, synthesis=synthesis)


def base_url(value: str) -> str:
    """An address that paths of files are put behind."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    else:
        good = good and not (parts.query or parts.fragment or "@" in parts.netloc or "?" in value or "#" in value)
    if not good or not value.isascii() or not value.isprintable() or " " in value or len(value) > 2000:
        raise argparse.ArgumentTypeError(f"{value!r:.80} is no address such as https://example.org/voices")
    return value.rstrip("/")


def log_format(value: str) -> str:
    try:
        logging.Formatter(value).format(logging.makeLogRecord({}))
    except (KeyError, TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{value!r:.80} is not a format of Python's logging ({error})") from error
    return value
