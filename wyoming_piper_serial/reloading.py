"""Decides which settings change in a running server when its options are reread."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import grouped


@dataclass(frozen=True, kw_only=True)
class Change:
    """The difference between two readings of the options."""

    settings: Settings
    """The settings of the running server after the change."""

    changed: tuple[str, ...]
    """Names of the options whose new value takes effect in the running server."""

    postponed: tuple[str, ...]
    """Names of the options whose new value takes effect at the next start."""


class Reloader:
    """Rereads the options of a running server."""

    def __init__(self, read: Callable[[], Settings], given: Settings) -> None:
        """`read` returns the settings given by the operator, or raises SettingsError. `given` is the result of the
        first call of `read`."""
        self._read = read
        self._given = given

    def change(self, running: Settings) -> Change:
        """Rereads the options, and returns how the settings of the running server change. Blocks.

        Raises SettingsError if the options are invalid or cannot be applied. The next call then compares with the last
        options that were accepted.
        """
        given = self._read()
        change = changes(self._given, given, running)
        self._given = given
        return change


def changes(before: Settings, after: Settings, running: Settings) -> Change:
    """Compares two readings of the options. `running` contains the settings that were derived from `before`.

    Raises SettingsError if the default voice is a preset that is missing in `after`.
    """
    names = {preset.name for preset in after.presets}
    if running.voice not in names and running.voice in {preset.name for preset in running.presets}:
        raise SettingsError(f"The preset {running.voice} is the default voice and must not be removed.")
    changed, postponed = [], []
    settings = running
    for options in grouped(Settings).values():
        for path, option in options.items():
            value = _get(after, path)
            if value == _get(before, path):
                continue
            if option.reloaded:
                settings = _with(settings, path, value)
                changed.append(option.names[0])
            else:
                postponed.append(option.names[0])
    if before.speakers != after.speakers and "--speaker" not in postponed:
        postponed.append("--speaker")
    return Change(settings=settings, changed=tuple(changed), postponed=tuple(postponed))


def _get(settings: Settings, path: str) -> Any:
    return reduce(getattr, path.split("."), settings)


def _with(settings: Settings, path: str, value: Any) -> Settings:
    """Returns a copy of the settings with another value at `path`, such as `http.token`."""
    section, _, name = path.rpartition(".")
    changed: dict[str, Any] = {name: value}
    if section:
        changed = {section: replace(getattr(settings, section), **changed)}
    return replace(settings, **changed)
