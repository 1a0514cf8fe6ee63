"""Chunk sizes in frames. Pure.

The plan (`engine.plan`) chooses among similar sizes. Small chunks cost more in total, because the margins of each chunk
are computed again. Large chunks delay other utterances.
"""

from collections.abc import Iterator

FIRST_CHUNK = 20
"""Frames: 0.23 s of audio at a hop of 256 and 22,050 Hz."""

CROWDED_FIRST_CHUNK = 40
"""First chunk while there are other utterances: the next step comes later, so the audio must last longer."""

URGENT_CHUNK = 56
"""Size of a chunk that is late whatever its size: with smaller chunks, the voice would fall further behind."""

CROWDED_CHUNK = 96
"""The largest chunk while other utterances wait."""

LARGEST_CHUNK = 160
"""The largest chunk of all. Its repeated margins take a twentieth of its cost."""

_EXACT = (20, 40, 64, 96, 160)  # sizes for exact speech, which always uses the same sizes: others change the bytes


def chunk_frames(chunks: int) -> int:
    """Returns the frames of a sentence's next chunk after `chunks` earlier ones, for a single listener.

    The first chunk is small, so that the first audio comes early. Each later chunk takes less time to make than the
    chunk before it takes to play, on a machine that makes speech at least twice as fast as it is played.
    """
    return _EXACT[min(chunks, len(_EXACT) - 1)]


def exact_chunks(frames: int, chunks: int) -> Iterator[tuple[int, int]]:
    """Returns the chunks of the next `frames` frames after `chunks` earlier chunks.

    Each item is (frames of a chunk, number of chunks of this size). There are at most six items, so that planning a
    text of several hours takes no longer than planning a sentence.
    """
    while frames:
        size = min(frames, chunk_frames(chunks))
        count = frames // size if chunks >= len(_EXACT) - 1 else 1
        yield size, count
        frames -= size * count
        chunks += count
