"""The options of a running server are reread."""

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.reloading import Reloader, changes
from wyoming_piper_serial.settings import Http, Preset, Settings, SynthesisSettings
from wyoming_piper_serial.settings.option import grouped

_DOCS = Path(__file__).parent.parent / "docs" / "operations.md"

OLD, NEW = (Http(token=word) for word in ("old", "new"))


def test_only_options_that_can_change_are_applied() -> None:
    """Changed options that a running server can apply are applied. The others are reported and keep their values.
    Derived values of the running server are kept."""
    before = Settings(uri="tcp://127.0.0.1:0", http=OLD)
    running = replace(before, uri="tcp://127.0.0.1:1234", voice="derived")
    after = Settings(
        uri="tcp://0.0.0.0:0",
        allow=(ip_network("10.0.0.0/8"),),
        http=replace(NEW, uri="tcp://127.0.0.1:1"),
        synthesis=SynthesisSettings(volume=0.5),
        speakers={"voice": "anna"},
    )
    change = changes(before, after, running)
    assert change.changed == ("--allow", "--volume", "--http-token")
    assert change.postponed == ("--uri", "--http-uri", "--speaker")
    assert change.settings == replace(running, allow=after.allow, http=NEW, synthesis=SynthesisSettings(volume=0.5))


def test_equal_options_change_nothing() -> None:
    """If the options are the same, nothing is changed."""
    change = changes(Settings(), Settings(), Settings(voice="derived"))
    assert (change.changed, change.postponed) == ((), ())
    assert change.settings == Settings(voice="derived")


def test_preset_of_the_default_voice_must_stay() -> None:
    """If the default voice is a preset, new options without this preset are refused."""
    slow, quick = Preset(name="slow", voice="joe"), Preset(name="quick", voice="joe")
    before = Settings(voice="slow", presets=(slow, quick))
    assert changes(before, replace(before, presets=(slow,)), before).settings.presets == (slow,)
    with pytest.raises(SettingsError, match="preset slow is the default voice"):
        changes(before, replace(before, presets=(quick,)), before)


def test_each_reading_is_compared_with_the_last_good_one() -> None:
    """If reading the options fails, the next reading is compared with the last successful one."""
    results: list[Settings | SettingsError] = [
        Settings(http=OLD),
        SettingsError("broken"),
        Settings(http=NEW),
    ]

    def read() -> Settings:
        result = results.pop(0)
        if isinstance(result, SettingsError):
            raise result
        return result

    reloader = Reloader(read, Settings())
    first = reloader.change(Settings())
    assert first.changed == ("--http-token",)
    with pytest.raises(SettingsError):
        reloader.change(first.settings)
    assert reloader.change(first.settings).settings.http == NEW


def test_documentation_lists_the_options_that_can_change() -> None:
    """The documentation names exactly the options that SIGHUP changes."""
    text = _DOCS.read_text(encoding="utf-8")
    listed = text.partition("<!-- reloaded options -->")[2].partition("<!-- end -->")[0]
    expected = [
        option.names[0] for options in grouped(Settings).values() for option in options.values() if option.reloaded
    ]
    assert sorted(word.strip("`,.\n") for word in listed.split() if "--" in word) == sorted(expected)
