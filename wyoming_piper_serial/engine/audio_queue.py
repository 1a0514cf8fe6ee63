"""A queue of PCM that the client has not read yet. Must be used in the event loop."""

from collections import deque

from wyoming_piper_serial.engine.buffers import Holding


class AudioQueue:
    """A queue of PCM chunks. A `Holding` counts their bytes."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._chunks: deque[bytes] = deque()

    def __len__(self) -> int:
        """The number of chunks."""
        return len(self._chunks)

    @property
    def size(self) -> int:
        """The number of bytes in the queue."""
        return self._holding.size

    def append(self, pcm: bytes) -> None:
        self._chunks.append(pcm)
        self._holding.hold(self._holding.size + len(pcm))

    def pop(self) -> bytes:
        """Removes the oldest chunk and returns it. Raises IndexError if the queue is empty."""
        pcm = self._chunks.popleft()
        self._holding.hold(self._holding.size - len(pcm))
        return pcm

    def clear(self) -> None:
        self._chunks.clear()
        self._holding.hold(0)
