"""Each option that is declared in the settings can be set on the command line, in the environment and in the config
file. Invalid values are refused."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.cli.parsing import changed, refusal
from wyoming_piper_serial.cli.arguments import CONFIG, VERSION
from wyoming_piper_serial.cli.parser import build_parser, parse_settings
from wyoming_piper_serial.settings import NetworkPriority, Preset, Priority, Settings, VoiceAlias
from wyoming_piper_serial.settings.option import Choice, Flag, Number, Option, Text, Whole, ZeroOr, grouped

OPTIONS = {path: option for options in grouped(Settings).values() for path, option in options.items()}
WITH_VALUE = [path for path, option in OPTIONS.items() if not isinstance(option.kind, Flag)]
FLAGS = [path for path, option in OPTIONS.items() if isinstance(option.kind, Flag)]

_GOOD: dict[Text, tuple[str, object]] = {
    Text.PLAIN: ("a word", "a word"),
    Text.OPTIONAL: ("tcp://127.0.0.1:10280", "tcp://127.0.0.1:10280"),
    Text.PATH: ("/not/there", Path("/not/there")),
    Text.FILE: (__file__, Path(__file__)),
    Text.NETWORK: ("192.168.1.5/24", ip_network("192.168.1.0/24")),
    Text.NETWORK_PRIORITY: ("10.0.0.0/8=low", NetworkPriority(ip_network("10.0.0.0/8"), Priority.LOW)),
    Text.PRESET: ("slow=joe,seed=7", Preset(name="slow", voice="joe", synthesis={"seed": 7})),
    Text.VOICE_ALIAS: ("alloy=joe", VoiceAlias("alloy", "joe")),
    Text.SERVICE_NAME: ("kitchen piper", "kitchen piper"),
    Text.TOKEN: ("s3cr-t!", "s3cr-t!"),
    Text.HOST_NAME: ("Piper.example.org", "piper.example.org"),
    Text.ORIGIN: ("https://example.org", "https://example.org"),
    Text.BASE_URL: ("https://example.org/voices/", "https://example.org/voices"),
    Text.LOG_FORMAT: ("%(levelname)s: %(message)s", "%(levelname)s: %(message)s"),
}
_LONG = "x" * 5000
_BAD: dict[Text, list[str]] = {
    Text.PLAIN: [],
    Text.OPTIONAL: [],
    Text.PATH: ["", "~nobody-of-this-name", "\0"],
    Text.FILE: ["", "/nowhere/at/all", "/", _LONG, "~nobody-of-this-name", "\0"],
    Text.NETWORK: ["", "x", "7", "192.168.1.0/33", "192.168.1", "fe80::1%eth0", "fd00::/129", _LONG],
    Text.NETWORK_PRIORITY: ["", "x", "10.0.0.0/8", "10.0.0.0/8=urgent", "10.0.0.0/33=low", "=low", _LONG],
    Text.PRESET: ["", "x", "=joe", "a=", "a=b,volume", "a=b,volume=x", "a=b,pitch=2", "a=b,speaker=", _LONG],
    Text.VOICE_ALIAS: ["", "alloy", "alloy=", "=joe", _LONG],
    Text.SERVICE_NAME: ["", "x" * 64, "a\nb", "\udcff"],
    Text.TOKEN: ["", "two words", "ümlaut", "a\nb", "\udcff"],
    Text.HOST_NAME: ["", "a.org:80", "http://a.org", "a/b", "a..b", "[::1]", "ümlaut", "a b", _LONG],
    Text.ORIGIN: ["", "*", "null", "example.org", "https://", "https://a.org/", "HTTPS://a.org", "ftp://a.org", _LONG],
    Text.BASE_URL: [
        *("", "example.org", "https://", "ftp://a.org", "file:///etc", "http://a/?b", "http://me:pw@a", "http://a b"),
        *("http://a:99999", "http://[::1", "http://ümlaut", "http://a/#b", "http://a/" + _LONG),
    ],
    Text.LOG_FORMAT: ["%(nope)s", "no fields", "{message}", "%(message)", "%(message)d"],
}


def good_values(option: Option) -> list[tuple[str, object]]:
    """Return valid texts for an option, each with the value to which the parser must convert it."""
    match option.kind:
        case Whole(low, high) | Number(low, high):
            return [(str(number), number) for number in (low, high)]
        case ZeroOr(low, high):
            return [(str(number), number) for number in (0, low, high)]
        case Choice(words):
            return [(word, word) for word in words]
        case Text():
            return [_GOOD[option.kind]]
    raise AssertionError(option)


def bad_values(option: Option) -> list[str]:
    match option.kind:
        case Whole(low, high) | ZeroOr(low, high):
            return ["", "x", "1.5", "1e3", "nan", "-1", "9" * 5000, str(low - 1), str(high + 1)]
        case Number(low, high):
            return ["", "x", "1,5", "nan", "inf", "-1", "1e9", str(low - 0.01), str(high + 1)]
        case Choice(words):
            return ["", "x", words[0].upper()]
        case Text():
            return _BAD[option.kind]
    raise AssertionError(option)


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("path", WITH_VALUE)
def test_value_reaches_its_field(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str) -> None:
    """A value on the command line, in the environment or in the config file sets the field of the option, and no
    other field."""
    option = OPTIONS[path]
    file = tmp_path / "options"
    for text, value in good_values(option):
        setting = (value,) if option.repeated and path != "speaker" else value
        expected = {} if setting == option.default else {path: setting}
        expected |= {"is_voice_given": True} if path == "voice" else {}
        for name in option.names:
            assert changed(parse_settings([name, text])) == expected
            assert changed(parse_settings([f"{name}={text}"])) == expected
            file.write_text(f"# a comment\n{name.removeprefix('--')} = {text}\n")
            assert changed(parse_settings(["--config", str(file)])) == expected
        with monkeypatch.context() as patch:
            patch.setenv(option.variable, text)
            assert changed(parse_settings([])) == expected


@pytest.mark.parametrize("path", FLAGS)
def test_flag_reaches_its_field(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str) -> None:
    """A flag is turned on by its name without a value, or by a value such as `true`. A value such as `false` leaves it
    off."""
    option = OPTIONS[path]
    on: dict[str, object] = {path: not option.default}
    assert changed(parse_settings([option.names[0]])) == on
    file = tmp_path / "options"
    for line, found in {"": on, "= true": on, ": no": {}}.items():
        file.write_text(f"{option.key} {line}\n")
        assert changed(parse_settings(["--config", str(file)])) == found
    for value, found in {"1": on, "Yes": on, "false": {}, "0": {}}.items():
        monkeypatch.setenv(option.variable, value)
        assert changed(parse_settings([])) == found


@pytest.mark.parametrize("path", WITH_VALUE)
def test_bad_value_is_refused_with_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """An invalid value on the command line or in the environment is refused with one short line that names the
    option."""
    option = OPTIONS[path]
    for value in bad_values(option):
        line = refusal(capsys, f"{option.names[0]}={value}")
        assert option.names[0] in line
        assert len(line) < 300
        can_be_set = "\0" not in value and not (option.bare is not None and not value)
        if can_be_set:
            with monkeypatch.context() as patch:
                patch.setenv(option.variable, value)
                assert option.names[0] in refusal(capsys)


@pytest.mark.parametrize("path", FLAGS)
def test_flag_refuses_other_values(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    """A flag refuses any value on the command line. In the environment and the config file, it accepts only values
    that mean true or false."""
    option = OPTIONS[path]
    assert option.names[0] in refusal(capsys, f"{option.names[0]}=1")
    file = tmp_path / "options"
    for content in (f"{option.key} = maybe", f"{option.key} = [1]", f"{option.key}\n{option.key}"):
        file.write_text(content)
        assert option.key in refusal(capsys, "--config", str(file))
    for value in ("", "maybe"):
        monkeypatch.setenv(option.variable, value)
        assert option.variable in refusal(capsys)


@pytest.mark.parametrize("path", [path for path in WITH_VALUE if OPTIONS[path].bare is None])
def test_missing_value_is_refused(capsys: pytest.CaptureFixture[str], path: str) -> None:
    """An option that lacks its value is refused with a line that names the option."""
    name = OPTIONS[path].names[0]
    assert name in refusal(capsys, name)
    assert name in refusal(capsys, name, "--debug")


@pytest.mark.parametrize("path", [path for path in WITH_VALUE if OPTIONS[path].bare is not None])
def test_option_with_an_optional_value_can_be_used_like_a_flag(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    """An option whose value is optional can be turned on and off like a flag: on the command line, in the environment
    and in the config file."""
    option = OPTIONS[path]
    on: dict[str, object] = {path: option.bare}
    assert changed(parse_settings([option.names[0]])) == on
    assert changed(parse_settings([option.names[0], "--debug"])) == {**on, "logging.debug": True}
    file = tmp_path / "options"
    for line, found in {"": on, "= true": on, ": no": {}, "= x": {path: "x"}}.items():
        file.write_text(f"{option.key} {line}\n")
        assert changed(parse_settings(["--config", str(file)])) == found
    for value, found in {"1": on, "Yes": on, "false": {}, "0": {}, "x": {path: "x"}}.items():
        monkeypatch.setenv(option.variable, value)
        assert changed(parse_settings([])) == found


@pytest.mark.parametrize("path", [path for path in WITH_VALUE if OPTIONS[path].repeated])
def test_repeated_option_collects_its_values(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str) -> None:
    """An option that can be repeated keeps all its values in order. In the environment and the config file, the
    values can be written as a list."""
    option = OPTIONS[path]
    text, value = good_values(option)[0]
    expected = {path: value if path == "speaker" else (value, value)}
    assert changed(parse_settings([option.names[0], text, option.names[0], text])) == expected
    file = tmp_path / "options"
    contents = [f"{option.key} = {text}\n{option.key} = {text}\n"]
    if "," not in text:
        contents.append(f"{option.key} = [{text}, {text}]\n")
        monkeypatch.setenv(option.variable, f"[{text}, {text}]")
        assert changed(parse_settings([])) == expected
        monkeypatch.delenv(option.variable)
    for content in contents:
        file.write_text(content)
        assert changed(parse_settings(["--config", str(file)])) == expected


def test_parser_has_the_declared_options_and_no_others() -> None:
    """The parser accepts exactly the declared options, `--config`, `--version` and `--help`."""
    names = {name for action in build_parser()._actions for name in action.option_strings}
    declared = {name for option in [CONFIG, VERSION, *OPTIONS.values()] for name in option.names}
    assert names == declared | {"-h", "--help"}


def test_help_groups_options_and_shows_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """The help lists each option under the heading of its group, with its description and its default."""
    monkeypatch.setenv("COLUMNS", "1000")
    paragraphs = dict(
        paragraph.split("\n", 1) for paragraph in build_parser().format_help().split("\n\n") if ":\n" in paragraph
    )
    for group, options in grouped(Settings).items():
        lines = paragraphs[f"{group.value}:"]
        for option in options.values():
            default = option.default_text or option.default_value
            assert option.names[0] in lines
            assert f"{option.meaning}{f' (default: {default})' if default else ''}\n" in f"{lines}\n"
