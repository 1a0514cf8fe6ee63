"""The parts of cut models, and voices' gains, kept on disk.

One file a model, named by the model's digest and the format's version:

    wyoming-piper-serial parts <SHA-256 of the next line>
    {"parts": {"encoder": {"size": bytes, "sha256": ...}, "flow": ..., "vocoder": ...}, "numbers": {...}}
    <the three models, one after the other>

It is written beside its place and renamed, so a reader finds all of it or nothing, and two writers
at once do no harm. Every digest is checked when it is read.
"""

import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import onnx
from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_model, uses_external_data

from wyoming_piper_serial.voice.chunks import Margin, Reach
from wyoming_piper_serial.voice.graphs import Numbers, Parts
from wyoming_piper_serial.voice.onnx_graph import GraphNotCut

_LOGGER = logging.getLogger(__name__)

# To be raised with every change to how graphs are cut: old parts are then cut again.
_VERSION = 1

_MAGIC = b"wyoming-piper-serial parts "
_GAIN_SUFFIX = ".gain"
_LOWEST_GAIN, _HIGHEST_GAIN = 0.01, 100.0  # anything else is a damaged file

_MAX_LINE = 1 << 20  # of the JSON; that of a voice with many speakers has some 5 kB

# A write takes under a second: what is older was left behind by a crash.
_LEFT_BEHIND_SECONDS = 600


class _DamagedError(Exception):
    """A kept file is not as it was written."""


@dataclass(frozen=True)
class ModelFile:
    """A model in memory, its external data too."""

    proto: onnx.ModelProto
    digest: str
    """SHA-256 of the file and of its external data, in hex."""


def read_model(path: Path) -> ModelFile:
    """Read a model and what lies beside it. Raises OSError, GraphNotCut."""
    raw = path.read_bytes()
    digest = hashlib.sha256(hashlib.sha256(raw).digest())
    try:
        proto = onnx.load_from_string(raw)
        del raw
        names = {ExternalDataInfo(tensor).location for tensor in proto.graph.initializer if uses_external_data(tensor)}
    except Exception as error:
        # protobuf and onnx raise a dozen kinds of errors for a broken file.
        raise GraphNotCut(f"onnx cannot read it ({error})") from error
    for name in sorted(names):
        with (path.parent / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    if names:
        try:
            load_external_data_for_model(proto, str(path.parent))
        except Exception as error:
            raise GraphNotCut(f"onnx cannot read its data ({error})") from error
    return ModelFile(proto, digest.hexdigest())


def default_cache_dir() -> Path | None:
    """Where the XDG rules put it; `None` for a user without a home."""
    configured = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        base = configured if configured.is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "wyoming-piper-serial"


class PartsCache:
    """Parts by the digest of their model. One for all voices of a process, so that it complains once."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._complained = False

    def get(self, digest: str) -> Parts | None:
        """The parts, if they are there, whole and untouched."""
        if self._directory is None:
            return None
        path = self._path(self._directory, digest)
        try:
            with path.open("rb") as file:
                return _read(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._complain(f"{path}: {error.strerror or error}")
        except (_DamagedError, ValueError, KeyError, TypeError, RecursionError) as error:
            _LOGGER.warning("%s is damaged (%s); the voice is cut again.", path, error)
        return None

    def put(self, digest: str, parts: Parts) -> None:
        """Keep `parts`; one warning in all where the disk does not let us."""
        if self._directory is None:
            return
        self._put(self._path(self._directory, digest), lambda file: _write(file, parts))

    def get_gain(self, digest: str) -> float | None:
        """The voice's gain, if it was measured before."""
        if self._directory is None:
            return None
        path = self._path(self._directory, digest).with_suffix(_GAIN_SUFFIX)
        try:
            gain = float(path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None  # measuring it again takes a second
        return gain if _LOWEST_GAIN <= gain <= _HIGHEST_GAIN else None

    def put_gain(self, digest: str, gain: float) -> None:
        """Keep the voice's gain, as `put`."""
        if self._directory is not None:
            path = self._path(self._directory, digest).with_suffix(_GAIN_SUFFIX)
            self._put(path, lambda file: file.write(repr(gain).encode("ascii")))

    def _put(self, path: Path, write: Callable[[Any], object]) -> None:
        temporary = None
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _clear(path)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".new", delete=False) as file:
                temporary = Path(file.name)
                write(file)
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


def _write(file: Any, parts: Parts) -> None:
    models = {"encoder": parts.encoder, "flow": parts.flow, "vocoder": parts.vocoder}
    listed = {name: {"size": len(model), "sha256": hashlib.sha256(model).hexdigest()} for name, model in models.items()}
    line = json.dumps({"parts": listed, "numbers": asdict(parts.numbers)}).encode() + b"\n"
    file.write(_MAGIC + hashlib.sha256(line).hexdigest().encode() + b"\n" + line)
    file.writelines(models.values())


def _read(file: BinaryIO) -> Parts:
    """Raises _DamagedError, ValueError, KeyError, TypeError, OSError."""
    first, line = file.readline(_MAX_LINE), file.readline(_MAX_LINE)
    if first != _MAGIC + hashlib.sha256(line).hexdigest().encode() + b"\n":
        raise _DamagedError("its list")
    found = json.loads(line)
    models = {}
    for name in ("encoder", "flow", "vocoder"):
        model = file.read(found["parts"][name]["size"])
        if hashlib.sha256(model).hexdigest() != found["parts"][name]["sha256"]:
            raise _DamagedError(f"its {name}")
        models[name] = model
    if file.read(1):
        raise _DamagedError("its end")
    return Parts(**models, numbers=_numbers(found["numbers"]))


def _numbers(raw: dict[str, Any]) -> Numbers:
    def reach(part: dict[str, Any]) -> Reach:
        return Reach(margins=tuple(Margin(**margin) for margin in part["margins"]), rate=part["rate"])

    return Numbers(
        **raw
        | {
            "flow": reach(raw["flow"]),
            "vocoder": reach(raw["vocoder"]),
            "flow_sides": tuple(raw["flow_sides"]),
            "vocoder_sides": tuple(raw["vocoder_sides"]),
        }
    )
