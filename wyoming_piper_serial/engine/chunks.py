"""Sizes of decoded chunks in frames. All functions are pure.

`engine.plan` chooses from a similar set of sizes. Small chunks cost more in total, because each chunk requires some
additional frames before and after it (its margins). Large chunks delay other utterances.
"""

from collections.abc import Iterator

FIRST_CHUNK = 20
"""Number of frames in the first chunk: 0.23 s of audio with a hop length of 256 at 22,050 Hz."""

CROWDED_FIRST_CHUNK = 40
"""Number of frames in each chunk before the first audio is released, while there are other utterances. The utterance
then waits longer for its next step, so this chunk must last longer. Does not apply to fixed chunk sizes, or to slow
voices while no other audio is playing."""

URGENT_CHUNK = 56
"""Number of frames in a chunk if even the smallest chunk would be late. Smaller chunks would make the voice fall
further behind."""

CROWDED_CHUNK = 96
"""Maximum number of frames in a chunk while other utterances are waiting. Does not apply to slow voices, which need
large chunks, or to fixed chunk sizes."""

LARGEST_CHUNK = 160
"""Maximum number of frames in any chunk. The margins account for a twentieth of the cost of this size."""

_EXACT = (20, 40, 64, 96, 160)  # fixed chunk sizes for speech with a seed, which must be reproducible


def chunk_frames(chunks: int) -> int:
    """Returns the fixed number of frames in the chunk that follows the first `chunks` chunks of a sentence.

    The first chunk is small, which makes the first audio available early. If the machine synthesizes speech more than
    twice as fast as real time, each later chunk is ready before the previous chunk has been played.
    """
    return _EXACT[min(chunks, len(_EXACT) - 1)]


def exact_chunks(frames: int, chunks: int) -> Iterator[tuple[int, int]]:
    """Splits the next `frames` frames into chunks. `chunks` chunks of the sentence have already been decoded.

    Yields pairs of (frames per chunk, number of chunks). There are at most six pairs, so planning hours of speech takes
    no longer than planning a sentence.
    """
    while frames:
        size = min(frames, chunk_frames(chunks))
        count = frames // size if chunks >= len(_EXACT) - 1 else 1
        yield size, count
        frames -= size * count
        chunks += count
