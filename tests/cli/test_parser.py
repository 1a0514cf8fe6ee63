"""The settings are read from the command line, the environment and the config file."""

from pathlib import Path

import pytest

from tests.cli.parsing import changed, refusal
from wyoming_piper_serial.cli.arguments import CONFIG, ENVIRONMENT_PREFIX
from wyoming_piper_serial.cli.parser import located, parse, parse_settings, with_token
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.settings import Settings


def test_defaults_are_those_of_the_settings() -> None:
    """Without options, all settings have their default values."""
    assert parse_settings([]) == Settings()


def test_command_line_overrides_environment_and_environment_overrides_config_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command line takes precedence over the environment, and the environment over the config file."""
    file = tmp_path / "options"
    file.write_text("voice = file\nspeaker = file\nuri = file\ndebug = true\nnoise-w = 3\n")
    monkeypatch.setenv(CONFIG.variable, str(file))
    monkeypatch.setenv(f"{ENVIRONMENT_PREFIX}VOICE", "environment")
    monkeypatch.setenv(f"{ENVIRONMENT_PREFIX}SPEAKER", "environment")
    monkeypatch.setenv(f"{ENVIRONMENT_PREFIX}DEBUG", "false")
    settings = parse_settings(["--voice", "line", "--noise-w-scale", "1"])
    assert (settings.voice, settings.speaker, settings.uri) == ("line", "environment", "file")
    assert settings.synthesis.noise_w_scale == 1
    assert not settings.logging.debug


def test_repeated_option_replaces_what_the_environment_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a repeatable option is given on the command line, its values in the environment are ignored."""
    monkeypatch.setenv(f"{ENVIRONMENT_PREFIX}PRELOAD", "[one, two]")
    assert parse_settings([]).preload == ("one", "two")
    assert parse_settings(["--preload", "three"]).preload == ("three",)


def test_speaker_is_of_the_default_voice_or_of_another() -> None:
    """`--speaker NAME` sets the speaker of the default voice, and `--speaker VOICE=NAME` sets the speaker of another
    voice. If a voice is given twice, the last speaker is used."""
    settings = parse_settings(["--speaker", "1", "--speaker", "de=anna", "--speaker", "2", "--speaker", "fr=a=b"])
    assert settings.speaker == "2"
    assert settings.speakers == {"de": "anna", "fr": "a=b"}
    assert changed(parse_settings(["--speaker", "de=anna"])) == {"speakers": {"de": "anna"}}


def test_empty_http_uri_turns_http_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty `--http-uri` turns HTTP off. In this way, the environment and the command line can override a config
    file that turns HTTP on."""
    file = tmp_path / "options"
    file.write_text("http-uri = tcp://127.0.0.1:10280\n")
    monkeypatch.setenv(f"{ENVIRONMENT_PREFIX}HTTP_URI", "")
    assert parse_settings(["--config", str(file)]).http.uri is None
    assert parse_settings(["--http-uri", "tcp://127.0.0.1:1"]).http.uri == "tcp://127.0.0.1:1"
    assert parse_settings(["--http-uri="]).http.uri is None


def test_empty_punctuation_is_a_value() -> None:
    """`--auto-punctuation` accepts an empty value, which means that no punctuation is added."""
    assert parse_settings(["--auto-punctuation", ""]).text.auto_punctuation == ""


def test_spellings_of_wyoming_piper_are_accepted() -> None:
    """The options of wyoming-piper are accepted under their original names."""
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


@pytest.mark.parametrize(
    "argv", [["--nope"], ["--nope=1"], ["--no-such\noption"], ["word"], ["--", "word"], ["-v"], ["--debug", "word"]]
)
def test_unknown_argument_is_refused(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    """An unknown argument, such as a misspelt option, is rejected with a one-line error that names the argument."""
    assert argv[-1].splitlines()[0].partition("=")[0] in refusal(capsys, *argv)


@pytest.mark.parametrize("argv", [["--vo", "x"], ["--zero"], ["--log", "x"], ["--max-t=3"], ["--deb"]])
def test_abbreviation_is_refused(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    """An abbreviated option is refused, because a later version may add an option with the same beginning."""
    assert argv[0].partition("=")[0] in refusal(capsys, *argv)


def test_config_without_a_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """`--config` without a file is refused with a line that names `--config`."""
    assert "--config" in refusal(capsys, "--config")


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
    """An invalid config file is refused with a line that names the key, the option or the line number of the error."""
    file = tmp_path / "options"
    file.write_bytes(content)
    assert named in refusal(capsys, "--config", str(file))


def test_config_file_that_cannot_be_read_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A config file that cannot be read is refused with a line that contains its path, whether the command line or the
    environment names the file."""
    assert f"{tmp_path}/gone" in refusal(capsys, "--config", f"{tmp_path}/gone")
    assert str(tmp_path) in refusal(capsys, "--config", str(tmp_path))
    monkeypatch.setenv(CONFIG.variable, f"{tmp_path}/gone")
    assert f"{tmp_path}/gone" in refusal(capsys)


def test_place_of_an_option_comes_before_a_later_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An error that is detected later, such as an address in use, begins with the option. If the option is set in the
    config file or in the environment, the message also says where."""
    file = tmp_path / "options"
    file.write_text("debug\nuri = nonsense\n")
    monkeypatch.setenv(f"{ENVIRONMENT_PREFIX}HTTP_URI", "nonsense")
    _, places = parse(["--config", str(file), "--max-queue", "3"])
    assert located("--uri 'nonsense': no", places) == f"{file}, line 2: --uri 'nonsense': no"
    assert located("--http-uri: no", places) == "WYOMING_PIPER_SERIAL_HTTP_URI: --http-uri: no"
    assert located("--max-queue: no", places) == "--max-queue: no"
    assert located("the voice is broken", places) == "the voice is broken"


def test_config_file_may_contain_comments_and_quotes(tmp_path: Path) -> None:
    """A config file may contain comments, section headings, quoted values, option names with leading dashes, and
    colons instead of `=`."""
    file = tmp_path / "options"
    file.write_text(
        "# house\n; cat\n\n[section]\nvoice: 'joe'   # ours\n--speaker=\"3\"\nlog-format = %(name)s: %(message)s\n"
    )
    assert changed(parse_settings(["--config", str(file)])) == {
        "voice": "joe",
        "is_voice_given": True,
        "speaker": "3",
        "logging.format": "%(name)s: %(message)s",
    }


def test_token_is_read_from_its_file(tmp_path: Path) -> None:
    """The file given with `--http-token-file` contains only the token. Whitespace around it is ignored."""
    file = tmp_path / "token"
    file.write_text("  s3cr-t!\n")
    settings = with_token(parse_settings(["--http-token-file", str(file)]))
    assert settings.http.token == "s3cr-t!"  # noqa: S105 -- not a secret
    assert with_token(parse_settings([])) == Settings()


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"\xff", b"x" * 9000])
def test_file_without_one_token_is_refused(content: bytes, tmp_path: Path) -> None:
    """A file that does not contain exactly one valid token is refused. The message contains its name, but not its
    content."""
    file = tmp_path / "token"
    file.write_bytes(content)
    settings = parse_settings(["--http-token-file", str(file)])
    with pytest.raises(SettingsError, match=f"--http-token-file {file}: must contain one token"):
        with_token(settings)
    file.unlink()
    with pytest.raises(SettingsError, match="No such file"):
        with_token(settings)


def test_two_tokens_are_refused(tmp_path: Path) -> None:
    """`--http-token` and `--http-token-file` cannot be combined."""
    file = tmp_path / "token"
    file.write_text("one")
    with pytest.raises(SettingsError, match="must not both be set"):
        with_token(parse_settings(["--http-token-file", str(file), "--http-token", "two"]))
