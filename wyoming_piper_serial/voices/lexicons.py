"""Reads the lexicon files from disk, reloads them when they change, and logs invalid entries."""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeVar
from weakref import WeakValueDictionary

from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.regular_file import open_regular
from wyoming_piper_serial.phonemes.splicing import RAW_PHONEMES
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.text.lexicon import Fault, Lexicon, LexiconFile
from wyoming_piper_serial.text.lexicon_edit import MAX_BYTES
from wyoming_piper_serial.text.lexicon_lines import parse_lexicon
from wyoming_piper_serial.text.pls import parse_pls
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.files import stamp
from wyoming_piper_serial.voices.inventory import Stamp, voice_folders
from wyoming_piper_serial.wording import counted

_LOGGER = logging.getLogger(__name__)

T = TypeVar("T")

NAME = "lexicon.txt"
"""Name of the lexicon in a folder with voices."""

_PLS = ".pls"
_MAX_WARNINGS = 20  # maximum number of warnings about one file; if the file is not a lexicon, every line is invalid


class Lexicons:
    """The lexicon files of a server, and their current content. Thread-safe."""

    def __init__(self, files: Sequence[Path] = (), folders: Sequence[Path] = ()) -> None:
        """`folders` are the folders that may contain a `lexicon.txt`. A folder may be missing. Entries in earlier files
        take precedence over entries in later files. `files` take precedence over the lexicons in `folders`."""
        self._files: tuple[Path, ...]
        self._paths: tuple[Path, ...]
        self._set_paths(files, folders)
        self._read_paths: tuple[Path, ...] = ()  # the paths from which `current` was read
        self._known: dict[Path, tuple[Stamp | None, LexiconFile]] = {}
        # The voices that have been loaded. Voices whose files have been removed are freed.
        self._voices: WeakValueDictionary[str, VoiceConfig] = WeakValueDictionary()
        self._lock = threading.Lock()
        self.current = Lexicon()
        """The lexicon that the last call to `look` has read."""

    @classmethod
    def from_settings(cls, settings: Settings) -> "Lexicons":
        """Returns the lexicons of a server with these settings. Does not read any file."""
        return cls(settings.text.lexicons, voice_folders(settings))

    def use(self, settings: Settings) -> None:
        """Sets the lexicon files and folders. The next call to `look` reads these files."""
        with self._lock:
            self._set_paths(settings.text.lexicons, voice_folders(settings))

    def _set_paths(self, files: Sequence[Path], folders: Sequence[Path]) -> None:
        self._files = tuple(files)
        self._paths = tuple(dict.fromkeys((*files, *(folder / NAME for folder in folders))))

    def look(self) -> None:
        """Reads the lexicon files that have changed since the last call, and logs warnings for invalid entries.
        Blocks."""
        paths = self._paths
        stamps = {path: stamp(path) for path in paths}
        with self._lock:
            changed = [path for path in paths if path not in self._known or self._known[path][0] != stamps[path]]
            if not changed and self._read_paths == paths:
                return
            self._read_paths = paths
            for path in changed:
                self._known[path] = stamps[path], self._read(path, stamps[path])
            lexicon = Lexicon(self._known[path][1] for path in paths)
            _warn(fault for fault in lexicon.faults if Path(fault.source) in changed)
            for config in self._voices.values():
                _warn(_unknown_phonemes(lexicon, config, changed))
            if lexicon.count or self.current.count:
                _LOGGER.info("Lexicon: %s", counted(lexicon.count, "entry", "entries"))
            self.current = lexicon

    def checking(self, load: Callable[[VoiceEntry], T]) -> Callable[[VoiceEntry], T]:
        """Returns a function that loads a voice with `load` and then passes the voice to `check`."""

        def load_and_check(entry: VoiceEntry) -> T:
            loaded = load(entry)
            self.check(entry.config)
            return loaded

        return load_and_check

    def check(self, config: VoiceConfig) -> None:
        """Logs warnings for the lexicon entries with phonemes that the voice lacks. `look` repeats this check for
        changed files."""
        with self._lock:
            self._voices[config.name] = config
            _warn(_unknown_phonemes(self.current, config))

    def _read(self, path: Path, found: Stamp | None) -> LexiconFile:
        source = str(path)
        if found is None and path not in self._files:
            return LexiconFile([], [])
        try:
            with open_regular(path) as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            return LexiconFile([], [Fault(source, 0, f"{error.strerror or error}; the file is ignored")])
        if len(content) > MAX_BYTES:
            return LexiconFile([], [Fault(source, 0, f"it has more than {MAX_BYTES >> 20} MiB; the file is ignored")])
        return parse_pls(content, source) if path.suffix.lower() == _PLS else parse_lexicon(content, source)


def _unknown_phonemes(lexicon: Lexicon, config: VoiceConfig, paths: Collection[Path] | None = None) -> Iterable[Fault]:
    """Yields a fault for each lexicon entry with phonemes that the voice lacks. If `paths` is given, checks only
    entries in these files."""
    for entry in lexicon.for_voice(config.language, config.name).entries:
        blocks = RAW_PHONEMES.findall(entry.spoken)
        unknown = config.phonemes.unknown("".join(blocks)) if blocks else []
        if unknown and (paths is None or Path(entry.source) in paths):
            reason = f"voice {config.name} lacks phonemes of {entry.word!r:.80}, which are skipped: {' '.join(unknown)}"
            yield Fault(entry.source, entry.line, reason)


def _warn(faults: Iterable[Fault]) -> None:
    """Logs a warning for each fault, but at most `_MAX_WARNINGS` for each file. Logs the number of further faults."""
    counts: dict[str, int] = {}
    for source, line, reason in faults:
        counts[source] = count = counts.get(source, 0) + 1
        if count <= _MAX_WARNINGS:
            where = f", line {line}" if line else ""
            _LOGGER.warning("Lexicon %s%s: %s", source, where, reason)
    for source, count in counts.items():
        if count > _MAX_WARNINGS:
            _LOGGER.warning("Lexicon %s: %d more faults", source, count - _MAX_WARNINGS)
