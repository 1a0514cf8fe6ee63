"""Audio is read in the order in which it was generated, and its bytes are counted until it is read."""

import pytest

from wyoming_piper_serial.engine.audio_queue import AudioQueue
from wyoming_piper_serial.engine.buffers import Budget, Holding
from wyoming_piper_serial.engine.shares import ClientShare


def test_chunks_are_counted_until_they_are_read() -> None:
    """The oldest chunk is read first. The budget counts only chunks that have not been read."""
    budget = Budget(1000)
    queue = AudioQueue(Holding(budget, ClientShare()))
    queue.append(b"first!")
    queue.append(b"next")
    assert (len(queue), queue.size, budget.used) == (2, 10, 10)
    assert queue.pop() == b"first!"
    assert (len(queue), queue.size, budget.used) == (1, 4, 4)
    assert queue.pop() == b"next"
    assert not queue
    assert budget.used == 0
    with pytest.raises(IndexError):
        queue.pop()


def test_cleared_chunks_are_not_counted() -> None:
    """After a client has disconnected, its audio no longer counts towards the memory budget."""
    budget = Budget(1000)
    queue = AudioQueue(Holding(budget, ClientShare()))
    queue.append(b"unread")
    queue.clear()
    assert not queue
    assert budget.used == 0
