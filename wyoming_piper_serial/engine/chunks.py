"""How large the chunks are. Pure.

The sizes are those of the plan (`engine.plan`). Smaller chunks cost more in total, because each repeats its margins.
Larger ones delay other utterances.
"""

from collections.abc import Iterator

FIRST_CHUNK = 20
"""Frames: 0.23 s of audio at a hop of 256 and 22,050 Hz."""

CROWDED_FIRST_CHUNK = 40
"""If there are other utterances: the next step comes later, so the audio must last longer."""

URGENT_CHUNK = 56
"""If it is too late for any size: smaller ones would let the voice fall further behind."""

CROWDED_CHUNK = 96
"""The largest one while others wait."""

LARGEST_CHUNK = 160
"""The repeated margins are a twentieth of it."""

_EXACT = (20, 40, 64, 96, 160)  # of exact speech: other sizes would change its bytes


def chunk_frames(chunks: int) -> int:
    """Returns the frames of a sentence's next chunk after `chunks` others, for one listener alone.

    The first is small, so that the first audio is early. Each later one takes less time to make than the one
    before takes to play, on a machine that makes speech at least twice as fast as it is played.
    """
    return _EXACT[min(chunks, len(_EXACT) - 1)]


def exact_chunks(frames: int, chunks: int) -> Iterator[tuple[int, int]]:
    """Returns the chunks of the next `frames` frames after `chunks` others, as (frames of a chunk, number of such
    chunks).

    There are at most six, so that a plan for a text of hours takes no longer than one for a sentence.
    """
    while frames:
        size = min(frames, chunk_frames(chunks))
        count = frames // size if chunks >= len(_EXACT) - 1 else 1
        yield size, count
        frames -= size * count
        chunks += count
