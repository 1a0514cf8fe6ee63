"""Who is let in, who gets the next step, and how large it is."""

import itertools

from wyoming_piper_serial.engine.scheduler import Turn, choose, chunk_frames, refusal
from wyoming_piper_serial.exceptions import QueueFull, ShuttingDown


def test_oldest_ready_goes_first() -> None:
    """Of those that are ready, the one that came first gets the step."""
    turns = [Turn(number=3, ready=True), Turn(number=2, ready=True), Turn(number=5, ready=True)]
    assert choose(turns) == Turn(number=2, ready=True)


def test_one_that_is_not_ready_does_not_hold_the_voice() -> None:
    """Who waits for text or for a slow reader lets the next one pass."""
    assert choose([Turn(number=1, ready=False), Turn(number=2, ready=True)]) == Turn(number=2, ready=True)


def test_nobody_is_chosen_when_nobody_is_ready() -> None:
    """Without work there is no turn."""
    assert choose([]) is None
    assert choose([Turn(number=1, ready=False)]) is None


def test_queue_takes_up_to_its_limit() -> None:
    """The last place is given away, the one behind it is not."""
    assert refusal(queued=1, max_queue=2, draining=False) is None
    assert isinstance(refusal(queued=2, max_queue=2, draining=False), QueueFull)


def test_draining_takes_nobody() -> None:
    """A server that ends lets no one in, however empty the queue."""
    assert isinstance(refusal(queued=0, max_queue=2, draining=True), ShuttingDown)


def test_chunks_begin_small_and_grow_to_a_bound() -> None:
    """The first sound is early; no chunk lasts longer to make than the one before lasts to hear."""
    sizes = [chunk_frames(chunks) for chunks in range(8)]
    assert sizes == [20, 40, 80, 160, 192, 192, 192, 192]
    assert all(later <= 2 * earlier for earlier, later in itertools.pairwise(sizes))
