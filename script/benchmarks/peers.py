"""One request and its answer: what was heard, and when each piece of it arrived."""

import json
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from servers import Server

RATE = 22_050
READ = 1 << 16  # bytes at a time
_WIDTH = 2


@dataclass
class Heard:
    """One answer; times in seconds since the request was sent."""

    arrivals: list[tuple[float, int]] = field(default_factory=list)
    """When, and how many bytes of audio there were by then."""

    @property
    def first_audio(self) -> float:
        return self.arrivals[0][0]

    @property
    def total(self) -> float:
        return self.arrivals[-1][0]

    @property
    def seconds(self) -> float:
        """Of audio."""
        return self.arrivals[-1][1] / _WIDTH / RATE

    @property
    def dry(self) -> float:
        """Seconds in all that a listener waits who starts at the first audio."""
        waited, before = 0.0, 0
        for when, there in self.arrivals:
            plays_until = self.first_audio + waited + before / _WIDTH / RATE
            waited += max(0.0, when - plays_until)
            before = there
        return waited

    @property
    def played(self) -> float:
        """When that listener has heard it all."""
        return self.first_audio + self.dry + self.seconds


class Answer:
    """The answer to one request, from the bytes of its connection; does no I/O of its own."""

    def __init__(self, last: str) -> None:
        """It ends with the event `last`."""
        self.heard = Heard()
        self.ended = False
        self._last = last
        self._bytes = bytearray()

    def feed(self, data: bytes, now: float) -> None:
        """Note what arrived `now` seconds after the request; raises RuntimeError for an error event."""
        self._bytes += data
        begin, audio = 0, 0
        while (line := self._bytes.find(b"\n", begin)) >= 0:
            header = json.loads(self._bytes[begin:line])
            payload = header.get("payload_length") or 0
            end = line + 1 + (header.get("data_length") or 0) + payload
            if end > len(self._bytes):
                break
            if header["type"] == "error":
                raise RuntimeError(self._bytes[begin:end].decode())
            self.ended = self.ended or header["type"] == self._last
            audio += payload
            begin = end
        del self._bytes[:begin]
        if audio:
            before = self.heard.arrivals[-1][1] if self.heard.arrivals else 0
            self.heard.arrivals.append((now, before + audio))


def request(kind: str, **data: object) -> bytes:
    """An event as it is sent."""
    return json.dumps({"type": kind, "data": data}).encode() + b"\n"


def speak(server: Server, text: str) -> Heard:
    """One `synthesize`, heard to its end."""
    answer = Answer("audio-stop")
    with socket.create_connection((server.host, server.port)) as client:
        client.sendall(request("synthesize", text=text))
        begin = time.perf_counter()
        while not answer.ended:
            data = client.recv(READ)
            if not data:
                raise RuntimeError("the server closed the connection")
            answer.feed(data, time.perf_counter() - begin)
    return answer.heard


def underrun(crowd: Iterable[Heard]) -> str:
    """How many of them ran dry and for how long, such as `2 of 16, 31 ms at most`."""
    waits = [heard.dry for heard in crowd]
    count = sum(wait > 0 for wait in waits)
    return f"{count} of {len(waits)}" + (f", {max(waits) * 1000:.0f} ms at most" if count else "")
