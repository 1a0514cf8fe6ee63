"""The file that stores the default voice and the presets that users have chosen (see the module `choices`).

The choices are kept only in this file. The scanner reads the file again whenever it changes, so a change has the same
effect whether it is made on the page, by another program or in an editor. Changes survive a restart.
"""

import logging
from pathlib import Path

from wyoming_piper_serial.model.regular_file import open_regular
from wyoming_piper_serial.voices.choices import BadChoices, Choices, encode_choices, parse_choices
from wyoming_piper_serial.voices.files import replace_file, stamp
from wyoming_piper_serial.voices.inventory import Stamp

_LOGGER = logging.getLogger(__name__)

FILE_NAME = "settings.json"
"""Name of the file in the download folder."""

_MAX_BYTES = 256 << 10  # Maximum size of the file in bytes. The maximum number of presets takes about 100 kB.


class ChoicesFile:
    """The choices file in one folder. The methods block, and calls must not overlap."""

    def __init__(self, folder: Path) -> None:
        """`folder` need not exist."""
        self.path = folder / FILE_NAME
        self._stamp: Stamp | None = None
        self._current = Choices()

    def look(self) -> Choices:
        """Returns the current choices of users. Reads the file only if it has changed. If the file is invalid or cannot
        be read, logs a warning and returns the previous choices."""
        found = stamp(self.path)
        if found != self._stamp:
            self._stamp = found
            try:
                self._current = self.read()
            except (OSError, BadChoices) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                _LOGGER.warning("%s is not used: %s", self.path, reason)
        return self._current

    def read(self) -> Choices:
        """Reads the choices from the file. Returns empty choices if there is no file. Raises OSError or BadChoices."""
        try:
            with open_regular(self.path) as file:
                content = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return Choices()
        if len(content) > _MAX_BYTES:
            raise BadChoices(f"it has more than {_MAX_BYTES >> 10} kB")
        return parse_choices(content)

    def write(self, choices: Choices) -> None:
        """Replaces the content of the file with `choices`. Creates the folder if necessary. Raises OSError."""
        replace_file(self.path, encode_choices(choices))
