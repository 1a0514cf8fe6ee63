"""The sizes of chunks."""

from wyoming_piper_serial.engine.chunks import (
    CROWDED_CHUNK,
    CROWDED_FIRST_CHUNK,
    FIRST_CHUNK,
    LARGEST_CHUNK,
    URGENT_CHUNK,
    chunk_frames,
)
from wyoming_piper_serial.engine.plan import SIZES


def test_chunks_of_exact_speech_begin_small_and_grow_to_a_bound() -> None:
    """The first chunk is small, and later chunks grow to a maximum size."""
    assert [chunk_frames(chunks) for chunks in range(7)] == [20, 40, 64, 96, 160, 160, 160]


def test_sizes_are_in_order() -> None:
    """The sizes range from that of the first chunk to the largest. With several listeners, the sizes lie in between."""
    assert (SIZES[0], SIZES[-1]) == (FIRST_CHUNK, LARGEST_CHUNK)
    assert FIRST_CHUNK < CROWDED_FIRST_CHUNK < URGENT_CHUNK < CROWDED_CHUNK < LARGEST_CHUNK
