"""A client that sends a speech request and records when the audio arrives."""

import json
import socket
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from servers import Server

RATE = 22_050
READ = 1 << 16  # Maximum number of bytes per read from the socket.
_WIDTH = 2  # Bytes per audio sample.


@dataclass
class Heard:
    """The arrival of the audio in a response. All times are in seconds since the request was sent."""

    arrivals: list[tuple[float, int]] = field(default_factory=list)
    """For each arrival of audio: the time, and the total number of audio bytes received so far."""

    @property
    def first_audio(self) -> float:
        return self.arrivals[0][0]

    @property
    def total(self) -> float:
        return self.arrivals[-1][0]

    @property
    def seconds(self) -> float:
        """Duration of the audio in seconds."""
        return self.arrivals[-1][1] / _WIDTH / RATE

    @property
    def underrun_seconds(self) -> float:
        """Total duration of underruns in seconds, if playback starts when the first audio arrives."""
        waited, before = 0.0, 0
        for when, received in self.arrivals:
            plays_until = self.first_audio + waited + before / _WIDTH / RATE
            waited += max(0.0, when - plays_until)
            before = received
        return waited

    @property
    def played(self) -> float:
        """Time at which playback ends, if it starts when the first audio arrives."""
        return self.first_audio + self.underrun_seconds + self.seconds


class Answer:
    """Parses the response to a request from received bytes, without I/O."""

    def __init__(self, last: str) -> None:
        """`last` is the type of the event that ends the response."""
        self.heard = Heard()
        self.ended = False
        self._last = last
        self._bytes = bytearray()

    def feed(self, data: bytes, now: float) -> None:
        """Parse bytes that arrived `now` seconds after the request was sent. Raises RuntimeError for an error event."""
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
    """Return an encoded event of type `kind` with `data`."""
    return json.dumps({"type": kind, "data": data}).encode() + b"\n"


def speak(server: Server, text: str) -> Heard:
    """Send one `synthesize` event on a new connection, and read the complete response."""
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


def real_time_factor(server: Server, texts: Sequence[str]) -> float:
    """Return the time in seconds that `server` needs for one second of audio: the median over three responses to each
    text."""
    answers = [speak(server, text) for _ in range(3) for text in texts]
    return statistics.median(heard.total / heard.seconds for heard in answers)


def underruns(answers: Iterable[Heard]) -> str:
    """Return the number of responses with underruns, and the longest total duration of underruns in a response, in the
    format `2 of 16, 31 ms at most`."""
    waits = [heard.underrun_seconds for heard in answers]
    count = sum(wait > 0 for wait in waits)
    return f"{count} of {len(waits)}" + (f", {max(waits) * 1000:.0f} ms at most" if count else "")
