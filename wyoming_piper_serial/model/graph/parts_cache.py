"""The parts of cut models, stored on disk.

There is one file for each model, named by the model's digest and the version of the format. The JSON is one line:

    wyoming-piper-serial parts <SHA-256 of the next line>
    {"parts": {"encoder": {"size": bytes, "sha256": ...}, "flow": ..., "vocoder": ...}, "info": {...},
     "external_data": {name of a file with the model's weights: SHA-256}}
    <the three models, one after the other>

A file is written under a temporary name and renamed, so a reader finds all of it or nothing, and two writers at once do
no harm. Every digest is checked on reading.
"""

import hashlib
import json
import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from platformdirs import user_cache_path

from wyoming_piper_serial.model.graph.parts import Parts, PartsInfo
from wyoming_piper_serial.model.graph.windows import Margin, ReceptiveField

_LOGGER = logging.getLogger(__name__)

# Increase it with every change to how graphs are cut or stored: models are then cut again.
_VERSION = 3

_MAGIC = b"wyoming-piper-serial parts "
_MAX_LINE = 1 << 20  # maximum bytes of the JSON; a voice with many speakers has about 5 kB

# seconds. Writing takes less than one; an older temporary file was left by a process that was killed.
_ABANDONED_SECONDS = 600


class DamagedParts(Exception):
    """The file is not as it was written."""


BAD_PARTS = (DamagedParts, ValueError, KeyError, TypeError, RecursionError)
"""What `read_parts` raises if what it reads was not written by `write_parts`."""


class OutdatedParts(Exception):
    """The external data of the model are not those that were cut."""


@dataclass(frozen=True)
class ModelSource:
    """The files that parts were cut from."""

    digest: str
    """SHA-256 of the model file, in hex."""

    external_data: Mapping[str, str]
    """Files in the model's folder that hold its weights: name to SHA-256 in hex. Empty if the model holds them."""


def digest_of(path: Path) -> str:
    """SHA-256 in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def default_cache_dir() -> Path | None:
    """The folder in the user's cache folder (on Linux `$XDG_CACHE_HOME`, else `~/.cache`).

    Returns `None` for a user without a home directory.
    """
    try:
        return user_cache_path("wyoming-piper-serial")
    except RuntimeError:
        return None


class PartsCache:
    """Stored parts, by the digest of their model. All voices of a process share one object, so that it warns once."""

    def __init__(self, directory: Path | None) -> None:
        """Without a directory nothing is stored."""
        self._directory = directory
        self._warned = False

    def get(self, model: Path, digest: str | None = None) -> Parts | None:
        """The parts of `model`; `None` if they are not stored, are damaged, or were cut from other external data.

        `digest` is the model's SHA-256, if known. Raises OSError if `model` cannot be read.
        """
        if self._directory is None:
            return None
        path = self._path(self._directory, digest or digest_of(model))
        try:
            with path.open("rb") as file:
                return read_parts(file, model.parent)
        except (FileNotFoundError, OutdatedParts):
            return None
        except OSError as error:
            self._warn(path, error)
        except BAD_PARTS as error:
            _LOGGER.warning("%s is damaged (%s); the voice is cut again.", path, error)
        return None

    def put(self, source: ModelSource, parts: Parts) -> None:
        """Store the parts of a model. If this fails, the process logs a warning, once for all models."""
        if self._directory is None:
            return
        path = self._path(self._directory, source.digest)
        temporary = None
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_abandoned(path)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".new", delete=False) as file:
                temporary = Path(file.name)
                write_parts(file, source, parts)
            temporary.replace(path)
        except OSError as error:
            self._warn(path, error)
            if temporary is not None:
                temporary.unlink(missing_ok=True)

    def _warn(self, path: Path, error: OSError) -> None:
        if not self._warned:
            _LOGGER.warning(
                "Parts of voices cannot be kept, so voices load more slowly (%s: %s).", path, error.strerror or error
            )
        self._warned = True

    @staticmethod
    def _path(directory: Path, digest: str) -> Path:
        return directory / f"{digest}.{_VERSION}.parts"


def _remove_abandoned(path: Path) -> None:
    """Remove temporary files for `path` whose writers were killed."""
    oldest = time.time() - _ABANDONED_SECONDS
    for temporary in path.parent.glob(f"{path.name}*.new"):
        if temporary.stat().st_mtime < oldest:
            temporary.unlink(missing_ok=True)


def write_parts(file: IO[bytes], source: ModelSource, parts: Parts) -> None:
    """Write the parts of a model. Raises OSError."""
    models = {"encoder": parts.encoder, "flow": parts.flow, "vocoder": parts.vocoder}
    listed = {name: {"size": len(model), "sha256": hashlib.sha256(model).hexdigest()} for name, model in models.items()}
    content = {"external_data": dict(source.external_data), "parts": listed, "info": asdict(parts.info)}
    line = json.dumps(content).encode() + b"\n"
    file.write(_MAGIC + hashlib.sha256(line).hexdigest().encode() + b"\n" + line)
    for model in models.values():
        file.write(model)


def read_parts(file: IO[bytes], model_folder: Path) -> Parts:
    """Read the parts of a model in `model_folder`.

    Raises OutdatedParts, OSError and the errors of BAD_PARTS.
    """
    first, line = file.readline(_MAX_LINE), file.readline(_MAX_LINE)
    if first != _MAGIC + hashlib.sha256(line).hexdigest().encode() + b"\n":
        raise DamagedParts("its list")
    content = json.loads(line)
    for name, digest in content["external_data"].items():
        if digest_of(model_folder / name) != digest:
            raise OutdatedParts(name)
    models = {}
    for name in ("encoder", "flow", "vocoder"):
        model = file.read(content["parts"][name]["size"])
        if hashlib.sha256(model).hexdigest() != content["parts"][name]["sha256"]:
            raise DamagedParts(f"its {name}")
        models[name] = model
    if file.read(1):
        raise DamagedParts("its end")
    return Parts(**models, info=_info(content["info"]))


def _info(raw: dict[str, Any]) -> PartsInfo:
    return PartsInfo(
        **raw
        | {
            "flow": _receptive_field(raw["flow"]),
            "vocoder": _receptive_field(raw["vocoder"]),
            "flow_conditioning": tuple(raw["flow_conditioning"]),
            "vocoder_conditioning": tuple(raw["vocoder_conditioning"]),
        }
    )


def _receptive_field(raw: dict[str, Any]) -> ReceptiveField:
    return ReceptiveField(margins=tuple(Margin(**margin) for margin in raw["margins"]), rate=raw["rate"])
