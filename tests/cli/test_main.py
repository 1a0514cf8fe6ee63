"""Command line, environment and config file to Settings."""

import argparse
import os
from dataclasses import fields, is_dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from wyoming_piper_serial import __version__
from wyoming_piper_serial.cli.main import main
from wyoming_piper_serial.cli.options import ENVIRONMENT_PREFIX
from wyoming_piper_serial.cli.parser import build_parser, parse_settings
from wyoming_piper_serial.settings import NetworkPriority, Preset, Priority, Settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have options in their environment."""
    for name in [name for name in os.environ if name.startswith(ENVIRONMENT_PREFIX)]:
        monkeypatch.delenv(name)


def changed(settings: Settings) -> dict[str, Any]:
    """What differs from the defaults, by field; `style.noise_scale` for the fields of a group."""

    def differences(given: object, default: object, prefix: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in (field.name for field in fields(default)):  # type: ignore[arg-type]  # a dataclass
            value, usual = getattr(given, name), getattr(default, name)
            if is_dataclass(usual):
                found |= differences(value, usual, f"{prefix}{name}.")
            elif value != usual:
                found[f"{prefix}{name}"] = value
        return found

    return differences(settings, Settings(), "")


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The one line that tells why `argv` is refused."""
    with pytest.raises(SystemExit) as caught:
        parse_settings(argv)
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("wyoming-piper-serial: ")
    return lines[0]


def test_defaults_are_those_of_the_settings() -> None:
    """The reasons stand in one place, and so do the numbers."""
    assert parse_settings([]) == Settings()


_OPTIONS: list[tuple[str, str, str, object]] = [
    ("--uri", "unix:///tmp/x", "uri", "unix:///tmp/x"),
    ("--allow", "192.168.1.0/24", "allow", (ip_network("192.168.1.0/24"),)),
    ("--allow", "192.168.1.5/24", "allow", (ip_network("192.168.1.0/24"),)),
    ("--allow", "10.0.0.7", "allow", (ip_network("10.0.0.7/32"),)),
    ("--allow", "fd00::/8", "allow", (ip_network("fd00::/8"),)),
    ("--allow", "::ffff:192.168.1.0/120", "allow", (ip_network("192.168.1.0/24"),)),
    ("--allow", "::/0", "allow", (ip_network("::/0"),)),
    ("--voice", "fr_FR-siwis-medium", "voice", "fr_FR-siwis-medium"),
    ("--speaker", "3", "speaker", "3"),
    ("--speaker", "de_DE-many-low=anna", "speakers", {"de_DE-many-low": "anna"}),
    ("--preset", "slow=en_US-joe-medium", "presets", (Preset(name="slow", voice="en_US-joe-medium"),)),
    (
        "--preset",
        "slow = joe, length-scale=1.3, volume=0.8, speaker=7",
        "presets",
        (Preset(name="slow", voice="joe", speaker="7", synthesis={"length_scale": 1.3, "volume": 0.8}),),
    ),
    ("--zeroconf", "kitchen piper", "zeroconf", "kitchen piper"),
    ("--samples-per-chunk", "512", "samples_per_chunk", 512),
    ("--drain-timeout", "1.5", "drain_timeout", 1.5),
    ("--schedule", "fifo", "sharing.schedule", "fifo"),
    ("--priority", "10.0.0.0/8=low", "sharing.priorities", (NetworkPriority(ip_network("10.0.0.0/8"), Priority.LOW),)),
    ("--instances", "2", "sharing.instances", 2),
    ("--threads", "3", "sharing.threads", 3),
    ("--batch-max", "4", "sharing.batch_max", 4),
    ("--noise-scale", "0.5", "synthesis.noise_scale", 0.5),
    ("--length-scale", "1.5", "synthesis.length_scale", 1.5),
    ("--noise-w-scale", "0", "synthesis.noise_w_scale", 0.0),
    ("--sentence-silence", "0.3", "synthesis.sentence_silence", 0.3),
    ("--sample-rate", "48000", "synthesis.sample_rate", 48000),
    ("--normalize", "sentence", "synthesis.normalize", "sentence"),
    ("--normalize", "off", "synthesis.normalize", "off"),
    ("--volume", "0.5", "synthesis.volume", 0.5),
    ("--seed", "42", "synthesis.seed", 42),
    ("--auto-punctuation", "!?", "text.auto_punctuation", "!?"),
    ("--auto-punctuation", "", "text.auto_punctuation", ""),
    ("--max-text", "1", "limits.max_text", 1),
    ("--max-sentence", "20", "text.max_sentence", 20),
    ("--max-queue", "2", "limits.max_queue", 2),
    ("--queue-timeout", "0", "limits.queue_timeout", 0.0),
    ("--step-timeout", "30", "limits.step_timeout", 30.0),
    ("--request-timeout", "90.5", "limits.request_timeout", 90.5),
    ("--max-requests-per-connection", "3", "limits.max_requests_per_connection", 3),
    ("--max-connections", "4", "limits.max_connections", 4),
    ("--max-connections-per-address", "5", "limits.max_connections_per_address", 5),
    ("--max-ahead", "5.5", "limits.max_ahead", 5.5),
    ("--max-voices", "6", "limits.max_voices", 6),
    ("--max-memory", "700", "limits.max_memory", 700),
    ("--idle-unload", "600", "limits.idle_unload", 600.0),
    ("--preload", "all", "preload", ("all",)),
    ("--max-header", "257", "limits.max_header", 257),
    ("--max-data", "258", "limits.max_data", 258),
    ("--max-payload", "0", "limits.max_payload", 0),
    ("--event-timeout", "0", "timeouts.event", 0.0),
    ("--idle-timeout", "300", "timeouts.idle", 300.0),
    ("--stall-timeout", "0.5", "timeouts.stall", 0.5),
    ("--http-uri", "tcp://127.0.0.1:10280", "http.uri", "tcp://127.0.0.1:10280"),
    ("--http-token", "s3cr-t!", "http.token", "s3cr-t!"),
    ("--http-cors", "https://example.org", "http.cors", ("https://example.org",)),
    ("--http-cors", "http://homeassistant.local:8123", "http.cors", ("http://homeassistant.local:8123",)),
    ("--voices-url", "http://mirror.local:8080/piper", "downloads.url", "http://mirror.local:8080/piper"),
    ("--voices-url", "https://example.org/voices/", "downloads.url", "https://example.org/voices"),
    ("--download-timeout", "2.5", "downloads.timeout", 2.5),
    ("--log-format", "%(levelname)s: %(message)s", "logging.format", "%(levelname)s: %(message)s"),
]
_FLAGS: list[tuple[str, str, object]] = [
    ("--use-cuda", "use_cuda", True),
    ("--no-streaming", "streaming", False),
    ("--offer-downloads", "downloads.offered", True),
    ("--offline", "downloads.offline", True),
    ("--update-voices", "downloads.update_list", True),
    ("--debug", "logging.debug", True),
    ("--log-text", "logging.log_text", True),
    ("--zeroconf", "zeroconf", "piper"),
]
# Those whose value must exist, or that are not settings.
_OTHERS = {"--help", "--version", "--config", "--data-dir", "--download-dir", "--cache-dir"}


def variable(option: str) -> str:
    return ENVIRONMENT_PREFIX + option.removeprefix("--").replace("-", "_").upper()


@pytest.mark.parametrize(("option", "value", "field", "setting"), _OPTIONS)
def test_option_reaches_its_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, option: str, value: str, field: str, setting: object
) -> None:
    """From the command line, from the environment and from the config file, and no other setting changes."""
    assert changed(parse_settings([option, value])) == {field: setting}
    assert changed(parse_settings([f"{option}={value}"])) == {field: setting}
    file = tmp_path / "options"
    file.write_text(f"# a comment\n{option.removeprefix('--')} = {value}\n")
    assert changed(parse_settings(["--config", str(file)])) == {field: setting}
    monkeypatch.setenv(variable(option), value)
    assert changed(parse_settings([])) == {field: setting}


@pytest.mark.parametrize(("option", "field", "setting"), _FLAGS)
def test_flag_reaches_its_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, option: str, field: str, setting: object
) -> None:
    """Bare on the command line and in the config file; true or false elsewhere, and false is as if not there."""
    assert changed(parse_settings([option])) == {field: setting}
    file = tmp_path / "options"
    for line, found in {"": {field: setting}, "= true": {field: setting}, ": no": {}}.items():
        file.write_text(f"{option.removeprefix('--')} {line}\n")
        assert changed(parse_settings(["--config", str(file)])) == found
    for value, found in {"1": {field: setting}, "Yes": {field: setting}, "false": {}, "0": {}}.items():
        monkeypatch.setenv(variable(option), value)
        assert changed(parse_settings([])) == found


def test_every_option_is_tested() -> None:
    """A new option comes with its test."""
    options = {action.option_strings[0] for action in build_parser()._actions} - {"-h"} | {"--help"}
    assert options == {option for option, *_ in _OPTIONS} | {option for option, *_ in _FLAGS} | _OTHERS


def test_folders_reach_their_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--data-dir` may be repeated everywhere; in the environment as a list."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    both = {"data_dirs": (one, two)}
    assert changed(parse_settings(["--data-dir", str(one), "--data-dir", str(two)])) == both
    assert changed(parse_settings(["--download-dir", str(one)])) == {"download_dir": one}
    assert changed(parse_settings(["--cache-dir", "/not/there"])) == {"cache_dir": Path("/not/there")}
    file = tmp_path / "options"
    for content in (f"data-dir = {one}\ndata-dir = {two}\n", f"data-dir = [{one}, {two}]\n"):
        file.write_text(content)
        assert changed(parse_settings(["--config", str(file)])) == both
    monkeypatch.setenv(variable("--data-dir"), str(one))
    assert changed(parse_settings([])) == {"data_dirs": (one,)}
    monkeypatch.setenv(variable("--data-dir"), f"[{one}, {two}]")
    assert changed(parse_settings([])) == both
    assert changed(parse_settings(["--data-dir", str(two)])) == {"data_dirs": (two,)}


def test_download_folder_is_looked_at_last_and_once(tmp_path: Path) -> None:
    """As wyoming-piper does it, where it is often one of the data folders."""
    other = tmp_path / "other"
    other.mkdir()
    settings = parse_settings(["--download-dir", str(tmp_path), "--data-dir", str(other)])
    assert settings.voice_dirs == (other, tmp_path)
    assert parse_settings(["--download-dir", str(tmp_path), "--data-dir", str(tmp_path)]).voice_dirs == (tmp_path,)


def test_downloads_go_to_the_folder_that_was_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The download folder, the first data folder, or one of the user's own."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert parse_settings(["--data-dir", str(one), "--download-dir", str(two)]).download_folder == two
    assert parse_settings(["--data-dir", str(one), "--data-dir", str(two)]).download_folder == one
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert parse_settings([]).download_folder == tmp_path / "wyoming-piper-serial" / "voices"
    monkeypatch.setenv("XDG_DATA_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_settings([]).download_folder == tmp_path / ".local" / "share" / "wyoming-piper-serial" / "voices"


def test_users_own_folder_is_looked_at_once_it_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was downloaded without an option is found without one."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert parse_settings([]).voice_dirs == ()
    folder = tmp_path / "wyoming-piper-serial" / "voices"
    folder.mkdir(parents=True)
    assert parse_settings([]).voice_dirs == (folder,)
    assert parse_settings(["--data-dir", str(tmp_path)]).voice_dirs == (tmp_path,)


def test_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A config file knows no shell that would do it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_settings(["--data-dir", "~"]).data_dirs == (tmp_path,)


def test_command_line_goes_before_environment_before_config_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is nearer to the user's hands wins, flags included."""
    file = tmp_path / "options"
    file.write_text("voice = file\nspeaker = file\nuri = file\ndebug = true\nnoise-w = 3\n")
    monkeypatch.setenv(variable("--config"), str(file))
    monkeypatch.setenv(variable("--voice"), "environment")
    monkeypatch.setenv(variable("--speaker"), "environment")
    monkeypatch.setenv(variable("--debug"), "false")
    settings = parse_settings(["--voice", "line", "--noise-w-scale", "1"])
    assert (settings.voice, settings.speaker, settings.uri) == ("line", "environment", "file")
    assert settings.synthesis.noise_w_scale == 1
    assert not settings.logging.debug


def test_spellings_of_wyoming_piper_are_accepted() -> None:
    """A command line for wyoming-piper works here."""
    options = (
        "--voice en_US-lessac-medium --uri tcp://0.0.0.0:10200 --zeroconf piper --data-dir . --data-dir .. "
        "--download-dir . --speaker 0 --noise-scale .667 --length-scale 1.0 --noise-w 0.4 --noise-w-scale 0.8 "
        "--sentence-silence 0.0 --auto-punctuation .?! --samples-per-chunk 1024 --no-streaming --use-cuda --debug "
        "--log-format %(message)s"
    )
    settings = parse_settings(options.split())
    assert settings.synthesis.noise_w_scale == 0.8
    assert parse_settings(["--noise-w", "0.4"]).synthesis.noise_w_scale == 0.4
    assert parse_settings(["--zeroconf", "--debug"]).zeroconf == "piper"


_BAD_VALUES: list[tuple[str, list[str]]] = [
    (
        "--noise-scale --length-scale --noise-w-scale --sentence-silence --drain-timeout --max-ahead",
        ["", "x", "nan", "inf", "-1", "1e9", "1,5"],
    ),
    (
        "--samples-per-chunk --max-text --max-sentence --max-queue --max-connections --max-voices --max-data",
        ["", "x", "1.5", "-1", "1e3", "9" * 5000],
    ),
    ("--max-header --max-payload --max-requests-per-connection", ["", "x", "1.5", "-1"]),
    ("--event-timeout --idle-timeout --stall-timeout", ["", "x", "nan", "inf", "-1", "1e9"]),
    ("--length-scale --samples-per-chunk --max-text --max-connections-per-address", ["0"]),
    ("--allow", ["", "x", "7", "192.168.1.0/33", "192.168.1", "fe80::1%eth0", "fd00::/129", "x" * 5000]),
    ("--max-sentence --max-header", ["19"]),
    (
        "--preset",
        ["", "x", "=joe", "a=", "a=joe,volume", "a=joe,volume=x", "a=joe,pitch=2", "a=joe,speaker=", "x" * 5000],
    ),
    ("--sample-rate", ["", "x", "44.1", "7999", "48001", "-1"]),
    ("--http-token", ["", "two words", "ümlaut", "a\nb", "\udcff"]),
    (
        "--http-cors",
        ["", "*", "null", "example.org", "https://", "https://a.org/", "HTTPS://a.org", "ftp://a.org", "x" * 5000],
    ),
    (
        "--voices-url",
        ["", "example.org", "https://", "ftp://a.org", "file:///etc", "http://a/?b", "http://me:pw@a", "http://a b"],
    ),
    ("--voices-url", ["http://a:99999", "http://[::1", "http://ümlaut", "http://a/#b", "http://a/" + "x" * 5000]),
    ("--download-timeout", ["", "x", "0", "nan", "1e9"]),
    ("--zeroconf", ["", "x" * 64, "a\nb", "\udcff"]),
    ("--log-format", ["%(nope)s", "no fields", "{message}", "%(message)", "%(message)d"]),
    ("--download-dir", ["", "~nobody-of-this-name"]),
    ("--data-dir", ["", "/nowhere/at/all", __file__, "x" * 5000, "~nobody-of-this-name", "\0"]),
]


@pytest.mark.parametrize(
    ("option", "value"),
    [(option, value) for options, values in _BAD_VALUES for option in options.split() for value in values],
)
def test_bad_value_is_refused_with_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, option: str, value: str
) -> None:
    """The line names the option and is no longer than a screen, wherever the value comes from."""
    line = refusal(capsys, f"{option}={value}")
    assert option in line
    assert len(line) < 300
    if "\0" not in value and not (option == "--zeroconf" and not value):
        monkeypatch.setenv(variable(option), value)
        assert option in refusal(capsys)


@pytest.mark.parametrize("flag", ["--use-cuda", "--no-streaming", "--debug", "--log-text", "--offline"])
def test_flag_takes_no_other_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flag: str
) -> None:
    """Neither on the command line nor elsewhere."""
    assert flag in refusal(capsys, f"{flag}=1")
    file = tmp_path / "options"
    name = flag.removeprefix("--")
    for content in (f"{name} = maybe", f"{name} = [1]", f"{name}\n{name}"):
        file.write_text(content)
        assert name in refusal(capsys, "--config", str(file))
    for value in ("", "maybe"):
        monkeypatch.setenv(variable(flag), value)
        assert variable(flag) in refusal(capsys)


@pytest.mark.parametrize(
    "argv", [["--nope"], ["--nope=1"], ["--no-such\noption"], ["word"], ["--", "word"], ["-v"], ["--debug", "word"]]
)
def test_unknown_argument_is_refused(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    """A misspelt option must not be silently without effect."""
    assert argv[-1].splitlines()[0] in refusal(capsys, *argv)


@pytest.mark.parametrize("argv", [["--vo", "x"], ["--zero"], ["--log", "x"], ["--max-t=3"], ["--deb"]])
def test_abbreviation_is_refused(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    """A later version may have another option that begins so."""
    assert argv[0] in refusal(capsys, *argv)


@pytest.mark.parametrize("option", ["--uri", "--voice", "--data-dir", "--max-text", "--config"])
def test_missing_value_is_refused(capsys: pytest.CaptureFixture[str], option: str) -> None:
    """The option that lacks it is named."""
    assert option in refusal(capsys, option)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"nope = 1\n", "nope"),
        (b"noise_scale = 1\n", "noise_scale"),
        (b"max-text = x\n", "--max-text"),
        (b"uri = a\nuri = b\n", "uri"),
        (b"uri = [a, b]\n", "uri"),
        (b"voice = x\n= = =\n", "line 2"),
        (b"\xff\xfe\n", "--config"),
        (b"version = true\n", "version"),
        (b"help\n", "help"),
    ],
)
def test_bad_config_file_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, named: str
) -> None:
    """One line names the key, or where the file goes wrong."""
    file = tmp_path / "options"
    file.write_bytes(content)
    assert named in refusal(capsys, "--config", str(file))


def test_config_file_that_cannot_be_read_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also one that the environment names."""
    assert f"{tmp_path}/gone" in refusal(capsys, "--config", f"{tmp_path}/gone")
    assert str(tmp_path) in refusal(capsys, "--config", str(tmp_path))
    monkeypatch.setenv(variable("--config"), f"{tmp_path}/gone")
    assert f"{tmp_path}/gone" in refusal(capsys)


def test_config_file_may_hold_comments_and_quotes(tmp_path: Path) -> None:
    """As people write them."""
    file = tmp_path / "options"
    file.write_text(
        "# house\n; cat\n\n[section]\nvoice: 'joe'   # ours\n--speaker=\"3\"\nlog-format = %(name)s: %(message)s\n"
    )
    assert changed(parse_settings(["--config", str(file)])) == {
        "voice": "joe",
        "speaker": "3",
        "logging.format": "%(name)s: %(message)s",
    }


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """To standard output, with exit code 0."""
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    """And the other commands."""
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    parser: argparse.ArgumentParser = build_parser()
    assert [option for action in parser._actions for option in action.option_strings if option not in printed] == []
    assert "say" in printed
    assert "health" in printed
    assert "voices" in printed


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["--uri", "http://127.0.0.1:1"], "uri"),
        (["--uri", ""], "uri"),
        (["--voice", "xx_XX-nobody-low"], "xx_XX-nobody-low"),
        (["--speaker", "nobody"], "nobody"),
        (["--zeroconf", "--uri", "unix:///tmp/x"], "--zeroconf"),
    ],
)
def test_server_that_cannot_start_says_why_in_one_line(
    capsys: pytest.CaptureFixture[str], argv: list[str], named: str
) -> None:
    """Exit code 2, as for a bad value."""
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [line for line in captured.err.splitlines() if line.startswith("wyoming-piper-serial: ")]
    assert len(lines) == 1
    assert named in lines[0]
