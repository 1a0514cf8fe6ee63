"""Finds the files of each voice in folder listings. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from wyoming_piper_serial.settings import Settings

MODEL = ".onnx"
CONFIG = ".onnx.json"
WEIGHTS = ".onnx.data"
"""Suffix of an ONNX external data file, which contains the weights of a model.

Exporters write such files for models over 2 GB. Newer exporters also do so for smaller models.
"""

# A file is considered complete this number of seconds after its last write. `cp` and `scp` do not pause for that long.
_SETTLED = 3.0


class Stamp(NamedTuple):
    """Identifies a version of a file on disk. The stamp changes when the file is written or replaced."""

    inode: int
    size: int
    """Size of the file in bytes."""

    mtime_ns: int
    ctime_ns: int
    """Time of the last status change. `chmod` also updates this time, so an unreadable file is read again when its
    permissions change."""


Listing = Mapping[str, Stamp | None]
"""Maps the name of each voice file in a folder to its stamp. The stamp is `None` if the file is not a regular file or
`stat` fails."""


@dataclass(frozen=True, kw_only=True)
class VoiceFiles:
    """The files of one voice in one folder. The model or the config may be missing."""

    folder: Path
    name: str
    """File name of the model without `.onnx`."""

    stamps: tuple[Stamp | None, Stamp | None, Stamp | None]
    """The stamps of the model, the config and the weights. A stamp is `None` if the file is missing or is not a regular
    file, or if `stat` fails."""

    @property
    def model(self) -> Path:
        return self.folder / f"{self.name}{MODEL}"

    @property
    def config(self) -> Path:
        return self.folder / f"{self.name}{CONFIG}"

    @property
    def missing(self) -> tuple[Path, ...]:
        """The paths of the model and the config, each only if this file is missing."""
        return tuple(path for path, stamp in zip((self.model, self.config), self.stamps, strict=False) if stamp is None)

    @property
    def is_lone_config(self) -> bool:
        """Whether the voice has a config but no model."""
        return self.missing == (self.model,)

    @property
    def is_model_empty(self) -> bool:
        """Whether the model file exists but is empty."""
        model, *_ = self.stamps
        return model is not None and model.size == 0

    @property
    def size(self) -> int:
        """Total size in bytes of the voice's existing files."""
        return sum(stamp.size for stamp in self.stamps if stamp is not None)

    @property
    def model_size(self) -> int:
        """Total size in bytes of the model and its weights file."""
        model, _, weights = self.stamps
        return sum(stamp.size for stamp in (model, weights) if stamp is not None)

    def is_settled(self, now: float) -> bool:
        """Returns whether none of the voice's files was written in the last 3 seconds. `now` is in seconds since the
        epoch.

        Write times in the future are ignored, because the clock of the machine that wrote the files may be ahead.
        """
        ages = (now - stamp.mtime_ns / 1e9 for stamp in self.stamps if stamp is not None)
        return not any(0 <= age < _SETTLED for age in ages)


def is_voice_file(name: str) -> bool:
    """Returns whether the file `name` can belong to a voice. A file named `.onnx` cannot, because its voice would have
    no name."""
    return name.endswith((MODEL, CONFIG, WEIGHTS)) and not name.startswith(MODEL)


def voice_folders(settings: Settings) -> tuple[Path, ...]:
    """Returns the voice folders in order of precedence: each --data-dir, then the download folder.

    The download folder may not exist yet, because the first download creates it.
    """
    download_folder = settings.download_folder
    return tuple(dict.fromkeys((*settings.data_dirs, *((download_folder,) if download_folder else ()))))


def voice_files(listings: Iterable[tuple[Path, Listing]]) -> list[VoiceFiles]:
    """Returns the files of every voice in `listings`, in order of precedence: by folder, then by name.

    Several folders can contain a voice with the same name.
    """
    found = []
    for folder, listing in listings:
        names = {name.removesuffix(".json").removesuffix(MODEL) for name in listing if not name.endswith(WEIGHTS)}
        for name in sorted(names):
            model, config, weights = (listing.get(f"{name}{ending}") for ending in (MODEL, CONFIG, WEIGHTS))
            found.append(VoiceFiles(folder=folder, name=name, stamps=(model, config, weights)))
    return found


def first_of_each_name(found: Iterable[VoiceFiles]) -> dict[str, VoiceFiles]:
    """Returns the files of each voice, by voice name. If several items of `found` have the same name, the first one is
    used."""
    first: dict[str, VoiceFiles] = {}
    for files in found:
        first.setdefault(files.name, files)
    return first


def settled(
    found: Iterable[VoiceFiles], before: Iterable[VoiceFiles], *, now: float, complete: str | None = None
) -> list[VoiceFiles]:
    """Returns `found` without changes to voices whose files were written in the last 3 seconds.

    A voice with a recent change keeps its files from `before`, or is omitted if `before` does not contain it. The voice
    named `complete` always has its files from `found`, because these files are known to be complete.
    """
    known = {files.model: files for files in before}
    result = []
    for files in found:
        previous = known.get(files.model)
        if files == previous or files.name == complete or files.is_settled(now):
            result.append(files)
        elif previous is not None:
            result.append(previous)
    return result
