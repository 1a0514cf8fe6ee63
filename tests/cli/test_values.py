"""The text of an option is converted to its value. `test_arguments.py` tests which texts are refused."""

import argparse
import contextlib
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wyoming_piper_serial.cli import values
from wyoming_piper_serial.cli.parser import build_parser
from wyoming_piper_serial.settings import NetworkPriority, Preset, Priority, VoiceAlias
from wyoming_piper_serial.settings.option import Number, Text, Whole, ZeroOr


def test_numbers_have_the_declared_type() -> None:
    """An option that is declared as a whole number has an `int` value. Other number options have a `float` value."""
    assert type(values.converter(Whole(1, 3))("1")) is int
    assert type(values.converter(Number(1, 3))("1")) is float


def test_zero_may_be_outside_of_the_range() -> None:
    """An option can allow 0 in addition to a range. The error message for other numbers mentions this."""
    convert = values.converter(ZeroOr(8, 9))
    assert [convert(text) for text in ("0", "8", "9")] == [0, 8, 9]
    for text in ("7", "10", "-0.5", "x"):
        with pytest.raises(argparse.ArgumentTypeError, match="from 8 to 9, or 0"):
            convert(text)


def test_alias_of_a_voice_has_a_name_and_a_voice() -> None:
    """An alias for a voice is written as `NAME=VOICE`. Spaces are ignored."""
    assert values.voice_alias(" alloy = joe ") == VoiceAlias("alloy", "joe")
    for text in ("alloy", "alloy=", "=joe", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="NAME=VOICE"):
            values.voice_alias(text)


def test_file_exists(tmp_path: Path) -> None:
    """The value of a file option must be the path of an existing file."""
    path = tmp_path / "words.txt"
    with pytest.raises(argparse.ArgumentTypeError, match="is not a file"):
        values.file(str(path))
    path.touch()
    assert values.file(str(path)) == path
    with pytest.raises(argparse.ArgumentTypeError, match="is not a file"):
        values.file(str(tmp_path))
    with pytest.raises(argparse.ArgumentTypeError, match="is not a file"):
        values.file(str(path / "below-a-file"))


def test_file_that_cannot_be_examined(tmp_path: Path) -> None:
    """If the system cannot tell whether a file exists, the error states the system's reason, in any version of
    Python."""
    with pytest.raises(argparse.ArgumentTypeError, match=r"xxx.*: File name too long$"):
        values.file("x" * 5000)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(argparse.ArgumentTypeError, match=r"loop': Too many levels of symbolic links$"):
        values.file(str(tmp_path / "loop"))


@pytest.mark.parametrize("kind", Text)
def test_every_kind_of_text_has_a_converter(kind: Text) -> None:
    """Every kind of option value has a converter."""
    assert callable(values.converter(kind))


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.168.1.0/24", "192.168.1.0/24"),
        ("192.168.1.5/24", "192.168.1.0/24"),
        ("10.0.0.7", "10.0.0.7/32"),
        ("fd00::/8", "fd00::/8"),
        ("::ffff:192.168.1.0/120", "192.168.1.0/24"),
        ("::/0", "::/0"),
    ],
)
def test_network_is_normalized(text: str, network: str) -> None:
    """A single address becomes a network with one address. Bits after the prefix are ignored, and IPv4-mapped IPv6
    addresses are converted to IPv4."""
    assert values.network(text) == ip_network(network)


@pytest.mark.parametrize("text", ["10.0.0.0/8=low", "10.0.0.0/8 = Low", " 10.1.2.3/8=LOW"])
def test_priority_has_a_network(text: str) -> None:
    """The priority of a network is written as `NETWORK=PRIORITY`. Case and spaces are ignored."""
    assert values.network_priority(text) == NetworkPriority(ip_network("10.0.0.0/8"), Priority.LOW)


@pytest.mark.parametrize(
    ("text", "preset"),
    [
        ("slow=en_US-joe-medium", Preset(name="slow", voice="en_US-joe-medium")),
        (
            "slow = joe, length-scale=1.3, volume=0.8, speaker=7",
            Preset(name="slow", voice="joe", speaker="7", synthesis={"length_scale": 1.3, "volume": 0.8}),
        ),
        (
            "all=joe,noise_scale=1,noise_w_scale=2,sentence_silence=3,seed=4",
            Preset(
                name="all",
                voice="joe",
                synthesis={"noise_scale": 1, "noise_w_scale": 2, "sentence_silence": 3, "seed": 4},
            ),
        ),
        ("plain=joe,text-rules=off", Preset(name="plain", voice="joe", text={"text_rules": "off"})),
    ],
)
def test_preset_has_what_differs(text: str, preset: Preset) -> None:
    """A preset contains only the settings that are given. Dashes are equivalent to underscores, and spaces are
    ignored."""
    assert values.preset(text) == preset


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a=joe,volume=11", "preset a: volume: '11' is not a number from 0 to 10"),
        ("a=joe,seed=-1", "preset a: seed: '-1' is not a whole number from 0 to 9223372036854775807"),
        ("a=joe,text_rules=on", "preset a: text_rules: 'on' is not one of auto, off"),
        ("a=joe,sample_rate=8000", "preset a: 'sample_rate=8000' is none of speaker, length_scale, noise_scale, "),
        ("a=joe,normalize=off", "preset a: 'normalize=off' is none of speaker, length_scale, noise_scale, "),
    ],
)
def test_preset_obeys_the_bounds_of_the_options(text: str, message: str) -> None:
    """A value outside the limits of its option, or a setting that presets do not support, is refused. The message
    names the preset and the setting."""
    with pytest.raises(Exception, match=r"^preset a: ") as caught:
        values.preset(text)
    assert str(caught.value).startswith(message)


def test_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`~` is replaced by the home folder, because no shell expands it in a config file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert values.path("~") == tmp_path
    assert values.path("~/voices") == tmp_path / "voices"


def test_origin_may_have_a_port() -> None:
    """An origin may contain a port, as in the `Origin` header of browsers."""
    assert values.origin("http://homeassistant.local:8123") == "http://homeassistant.local:8123"


@pytest.mark.parametrize("text", ["http://mirror.local:8080/piper", "http://mirror.local:8080/piper/"])
def test_base_url_has_no_slash_at_its_end(text: str) -> None:
    """A trailing slash is removed from a base URL, because each path that is appended to the URL begins with a
    slash."""
    assert values.base_url(text) == "http://mirror.local:8080/piper"


_CONVERTERS = {action.option_strings[0]: action.type for action in build_parser()._actions if callable(action.type)}
_PIECES = st.sampled_from(
    ["http://", "tcp://", "[", "]", ":", "@", "/", "~", "=", ",", "\0", "%", "\u2100", "9" * 5000]
)


@given(st.sampled_from(sorted(_CONVERTERS)), st.lists(_PIECES | st.text(max_size=3), max_size=6))
@example("--http-cors", ["http://["])
@example("--http-cors", ["http://a\u2100b"])
@example("--data-dir", ["~\0"])
def test_no_value_causes_an_unexpected_error(option: str, pieces: list[str]) -> None:
    """A converter accepts a value or raises ArgumentTypeError, whatever the value is. The parser of config files and
    environment variables handles no other errors."""
    with contextlib.suppress(argparse.ArgumentTypeError):
        _CONVERTERS[option]("".join(pieces))


def test_empty_optional_text_is_none() -> None:
    """An empty value for an optional text becomes `None`, so that the option can be unset."""
    assert values.converter(Text.OPTIONAL)("") is None
    assert values.converter(Text.OPTIONAL)("x") == "x"
