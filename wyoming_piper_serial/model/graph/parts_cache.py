"""The parts of cut models, kept on disk.

One file a model, named by the model file's digest and the format's version (the JSON is one line):

    wyoming-piper-serial parts <SHA-256 of the next line>
    {"parts": {"encoder": {"size": bytes, "sha256": ...}, "flow": ..., "vocoder": ...}, "info": {...},
     "beside": {name of a file with the model's data: SHA-256}}
    <the three models, one after the other>

It is written beside its place and renamed, so a reader finds all of it or nothing, and two writers
at once do no harm. Every digest is checked when it is read.
"""

import hashlib
import json
import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from platformdirs import user_cache_path

from wyoming_piper_serial.model.graph.parts import Parts, PartsInfo
from wyoming_piper_serial.model.graph.windows import Margin, ReceptiveField

_LOGGER = logging.getLogger(__name__)

# To be raised with every change to how graphs are cut: old parts are then cut again.
_VERSION = 2

_MAGIC = b"wyoming-piper-serial parts "
_MAX_LINE = 1 << 20  # of the JSON; that of a voice with many speakers has some 5 kB

# A write takes under a second: what is older was left behind by a crash.
_LEFT_BEHIND_SECONDS = 600


class _DamagedError(Exception):
    """A kept file is not as it was written."""


class _OutdatedError(Exception):
    """The data beside the model are others than those that were cut."""


@dataclass(frozen=True)
class ModelSource:
    """What parts were cut from."""

    digest: str
    """SHA-256 of the model file, in hex."""

    beside: Mapping[str, str]
    """Files beside it that hold its data, by name, with their digests."""


def digest_of(path: Path) -> str:
    """SHA-256 in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def default_cache_dir() -> Path | None:
    """In the user's cache folder (on Linux `$XDG_CACHE_HOME`, else `~/.cache`); `None` for a user without a home."""
    try:
        return user_cache_path("wyoming-piper-serial")
    except RuntimeError:
        return None


class PartsCache:
    """Parts by the digest of their model. One for all voices of a process, so that it complains once."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._complained = False

    def get(self, model: Path, digest: str | None = None) -> Parts | None:
        """The parts of `model`, if they are there, whole and untouched. Raises OSError if `model` is not.

        `digest` is its SHA-256, if that is known.
        """
        if self._directory is None:
            return None
        path = self._path(self._directory, digest or digest_of(model))
        try:
            with path.open("rb") as file:
                return _read(file, model.parent)
        except (FileNotFoundError, _OutdatedError):
            return None
        except OSError as error:
            self._complain(f"{path}: {error.strerror or error}")
        except (_DamagedError, ValueError, KeyError, TypeError, RecursionError) as error:
            _LOGGER.warning("%s is damaged (%s); the voice is cut again.", path, error)
        return None

    def put(self, source: ModelSource, parts: Parts) -> None:
        """Keep the parts of a model; one warning in all where the disk does not let us."""
        if self._directory is None:
            return
        path = self._path(self._directory, source.digest)
        temporary = None
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _clear(path)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".new", delete=False) as file:
                temporary = Path(file.name)
                _write(file, source, parts)
            temporary.replace(path)
        except OSError as error:
            self._complain(f"{path}: {error.strerror or error}")
            if temporary is not None:
                temporary.unlink(missing_ok=True)

    def _complain(self, what: str) -> None:
        if not self._complained:
            _LOGGER.warning("Parts of voices cannot be kept, so voices load more slowly (%s).", what)
        self._complained = True

    @staticmethod
    def _path(directory: Path, digest: str) -> Path:
        return directory / f"{digest}.{_VERSION}.parts"


def _clear(path: Path) -> None:
    """Remove what writers of `path` that crashed have left behind."""
    oldest = time.time() - _LEFT_BEHIND_SECONDS
    for left in path.parent.glob(f"{path.name}*.new"):
        if left.stat().st_mtime < oldest:
            left.unlink(missing_ok=True)


def _write(file: Any, source: ModelSource, parts: Parts) -> None:
    models = {"encoder": parts.encoder, "flow": parts.flow, "vocoder": parts.vocoder}
    listed = {name: {"size": len(model), "sha256": hashlib.sha256(model).hexdigest()} for name, model in models.items()}
    line = json.dumps({"beside": dict(source.beside), "parts": listed, "info": asdict(parts.info)}).encode() + b"\n"
    file.write(_MAGIC + hashlib.sha256(line).hexdigest().encode() + b"\n" + line)
    for model in models.values():
        file.write(model)


def _read(file: BinaryIO, directory: Path) -> Parts:
    """Parts of a model in `directory`.

    Raises _OutdatedError, _DamagedError, ValueError, KeyError, TypeError, OSError.
    """
    first, line = file.readline(_MAX_LINE), file.readline(_MAX_LINE)
    if first != _MAGIC + hashlib.sha256(line).hexdigest().encode() + b"\n":
        raise _DamagedError("its list")
    found = json.loads(line)
    for name, digest in found["beside"].items():
        if digest_of(directory / name) != digest:
            raise _OutdatedError(name)
    models = {}
    for name in ("encoder", "flow", "vocoder"):
        model = file.read(found["parts"][name]["size"])
        if hashlib.sha256(model).hexdigest() != found["parts"][name]["sha256"]:
            raise _DamagedError(f"its {name}")
        models[name] = model
    if file.read(1):
        raise _DamagedError("its end")
    return Parts(**models, info=_info(found["info"]))


def _info(raw: dict[str, Any]) -> PartsInfo:
    def reach(part: dict[str, Any]) -> ReceptiveField:
        return ReceptiveField(margins=tuple(Margin(**margin) for margin in part["margins"]), rate=part["rate"])

    return PartsInfo(
        **raw
        | {
            "flow": reach(raw["flow"]),
            "vocoder": reach(raw["vocoder"]),
            "flow_conditioning": tuple(raw["flow_conditioning"]),
            "vocoder_conditioning": tuple(raw["vocoder_conditioning"]),
        }
    )
