"""The engine decodes a sentence in chunks of growing size."""

import pytest

from wyoming_piper_serial.engine.chunks import (
    CROWDED_CHUNK,
    CROWDED_FIRST_CHUNK,
    FIRST_CHUNK,
    LARGEST_CHUNK,
    URGENT_CHUNK,
    chunk_frames,
    exact_chunks,
)
from wyoming_piper_serial.engine.plan import SIZES


def test_chunks_of_exact_speech_begin_small_and_grow_to_a_bound() -> None:
    """The first chunk is small, and later chunks grow to a maximum size."""
    assert [chunk_frames(chunks) for chunks in range(7)] == [20, 40, 64, 96, 160, 160, 160]


@pytest.mark.parametrize("frames", [0, 1, 20, 21, 123, 379, 380, 381, 700, 100_000])
@pytest.mark.parametrize("chunks", [0, 1, 4, 9])
def test_groups_of_exact_chunks_are_the_chunks(frames: int, chunks: int) -> None:
    """The groups of equal chunks contain all chunks in order, and there are at most six groups."""
    groups = list(exact_chunks(frames, chunks))
    assert len(groups) <= 6
    for size in (size for size, count in groups for _ in range(count)):
        assert size == min(frames, chunk_frames(chunks))
        frames -= size
        chunks += 1
    assert frames == 0


def test_sizes_are_in_order() -> None:
    """The constants for chunk sizes are in ascending order. The sizes for several listeners lie between the first and
    the largest size."""
    assert (SIZES[0], SIZES[-1]) == (FIRST_CHUNK, LARGEST_CHUNK)
    assert FIRST_CHUNK < CROWDED_FIRST_CHUNK < URGENT_CHUNK < CROWDED_CHUNK < LARGEST_CHUNK
