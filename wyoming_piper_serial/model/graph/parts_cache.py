"""Stores the parts of cut models on disk.

There is one file per model. The file name consists of the model's digest and the version of the format. The file has
the following content, in which the JSON is a single line:

    wyoming-piper-serial parts <SHA-256 of the next line>
    {"parts": {"encoder": {"size": bytes, "crc32": ...}, "flow": ..., "vocoder": ...}, "info": {...},
     "external_data": {name of a file with the model's weights: SHA-256}}
    <the three models, one after the other>

A file is written under a temporary name and then renamed, so that readers never see an incomplete file and two
processes can write the same file at the same time. All digests and checksums are checked when a file is read. The
models have CRC-32 checksums, which are sufficient to detect a damaged disk. On a processor without SHA instructions,
SHA-256 takes eight times as long as CRC-32. With SHA-256, checking a model of 60 MB took 150 of the 950 ms of processor
time until the first audio.
"""

import contextlib
import hashlib
import json
import logging
import tempfile
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from platformdirs import user_cache_path

from wyoming_piper_serial.model.graph.parts import Parts, PartsInfo
from wyoming_piper_serial.model.graph.windows import Margin, ReceptiveField
from wyoming_piper_serial.model.regular_file import open_regular

_LOGGER = logging.getLogger(__name__)

# Version of the format. Increase it whenever graphs are cut or stored differently. Models are then cut again.
_VERSION = 7

_MAGIC = b"wyoming-piper-serial parts "
_MAX_LINE = 1 << 20  # maximum length of the JSON in bytes; it is about 5 kB long for a voice with many speakers

# Seconds after which a temporary file is considered abandoned. Writing takes less than a second, so an older file
# belongs to a process that was killed.
_ABANDONED_SECONDS = 600


class DamagedParts(Exception):
    """The content of the file has changed since it was written."""


BAD_PARTS = (DamagedParts, ValueError, KeyError, TypeError, RecursionError)
"""The exceptions that `read_parts` raises for data that was not written by `write_parts`."""


class OutdatedParts(Exception):
    """The model's external data has changed since the model was cut."""


@dataclass(frozen=True)
class ModelSource:
    """The files from which parts were cut."""

    digest: str
    """SHA-256 of the model file in hex."""

    external_data: Mapping[str, str]
    """SHA-256 in hex of each file with external weights, by file name. The mapping is empty if the model file contains
    the weights."""


def digest_of(path: Path) -> str:
    """Returns the SHA-256 of the file at `path` in hex. Raises OSError."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def default_cache_dir() -> Path | None:
    """Returns the program's folder in the user's cache folder (on Linux, `$XDG_CACHE_HOME` or `~/.cache`).

    Returns `None` for a user without a home directory.
    """
    try:
        return user_cache_path("wyoming-piper-serial")
    except RuntimeError:
        return None


class PartsCache:
    """Stores and finds parts by the digest of their model.

    All voices of a process share one cache object, so a warning about the folder is logged only once.
    """

    def __init__(self, directory: Path | None) -> None:
        """If `directory` is `None`, the cache stores nothing."""
        self._directory = directory
        self._warned = False

    def get(self, model: Path, digest: str | None = None) -> Parts | None:
        """Returns the parts of `model`.

        Returns `None` if they are not stored, cannot be read, are damaged, or were cut from different external data.
        `digest` is the SHA-256 of `model`, if known. If it is given, the parts may also be in the folder of `model`,
        and `model` need not exist. If it is `None`, raises OSError if `model` cannot be read.
        """
        if digest is not None and (parts := self._read(parts_beside(model, digest), model)) is not None:
            return parts
        if self._directory is None:
            return None
        return self._read(_path(self._directory, digest or digest_of(model)), model)

    def _read(self, path: Path, model: Path) -> Parts | None:
        try:
            with open_regular(path) as file:
                return read_parts(file, model.parent)
        except (FileNotFoundError, OutdatedParts):
            return None
        except OSError as error:
            self._warn(path, error)
        except BAD_PARTS as error:
            _LOGGER.warning("%s is damaged (%s); the model is cut again.", path, error)
        return None

    def put(self, source: ModelSource, parts: Parts) -> None:
        """Stores the parts of a model. The first time that parts cannot be read or stored, logs a warning."""
        if self._directory is None:
            return
        path = _path(self._directory, source.digest)
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
                with contextlib.suppress(OSError):  # the disk may have become read-only
                    temporary.unlink()

    def _warn(self, path: Path, error: OSError) -> None:
        if not self._warned:
            _LOGGER.warning(
                "The parts of models cannot be stored, so voices load more slowly (%s: %s).",
                path,
                error.strerror or error,
            )
        self._warned = True


def parts_beside(model: Path, digest: str) -> Path:
    """Returns the path of the parts that are shipped in the same folder as `model`, whose SHA-256 is `digest`."""
    return _path(model.parent, digest)


def _path(directory: Path, digest: str) -> Path:
    return directory / f"{digest}.{_VERSION}.parts"


def _remove_abandoned(path: Path) -> None:
    """Removes temporary files for `path` that were left behind by killed processes."""
    oldest = time.time() - _ABANDONED_SECONDS
    for temporary in path.parent.glob(f"{path.name}*.new"):
        with contextlib.suppress(OSError):  # another process may remove the file at the same time
            if temporary.lstat().st_mtime < oldest:
                temporary.unlink()


def write_parts(file: IO[bytes], source: ModelSource, parts: Parts) -> None:
    """Writes the parts of a model to `file`. Raises OSError."""
    models = {"encoder": parts.encoder, "flow": parts.flow, "vocoder": parts.vocoder}
    listed = {name: {"size": len(model), "crc32": zlib.crc32(model)} for name, model in models.items()}
    content = {"external_data": dict(source.external_data), "parts": listed, "info": asdict(parts.info)}
    line = json.dumps(content).encode() + b"\n"
    file.write(_MAGIC + hashlib.sha256(line).hexdigest().encode() + b"\n" + line)
    for model in models.values():
        file.write(model)


def read_parts(file: IO[bytes], model_folder: Path) -> Parts:
    """Reads the parts of a model in `model_folder` from the stored `file`.

    Raises OutdatedParts, OSError or an exception in BAD_PARTS.
    """
    first, line = file.readline(_MAX_LINE), file.readline(_MAX_LINE)
    if first != _MAGIC + hashlib.sha256(line).hexdigest().encode() + b"\n":
        raise DamagedParts("its JSON")
    content = json.loads(line)
    for name, digest in content["external_data"].items():
        if digest_of(model_folder / name) != digest:
            raise OutdatedParts(name)
    models = {}
    for name in ("encoder", "flow", "vocoder"):
        model = file.read(content["parts"][name]["size"])
        if zlib.crc32(model) != content["parts"][name]["crc32"]:
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
            "step_times": tuple((str(kind), int(size), float(seconds)) for kind, size, seconds in raw["step_times"]),
        }
    )


def _receptive_field(raw: dict[str, Any]) -> ReceptiveField:
    return ReceptiveField(margins=tuple(Margin(**margin) for margin in raw["margins"]), rate=raw["rate"])
