"""A client that notes when each piece of an answer arrived."""

import json
import socket
import time
from dataclasses import dataclass, field

RATE = 22_050
_WIDTH = 2


@dataclass
class Heard:
    """One answer; times in seconds since the request was sent."""

    pcm: bytearray = field(default_factory=bytearray)
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
        return len(self.pcm) / _WIDTH / RATE

    @property
    def dry(self) -> float:
        """Seconds in all that a listener waits who starts at the first audio."""
        waited, before = 0.0, 0
        for when, there in self.arrivals:
            plays_until = self.first_audio + waited + before / _WIDTH / RATE
            waited += max(0.0, when - plays_until)
            before = there
        return waited


def speak(host: str, port: int, text: str) -> Heard:
    """One `synthesize`, heard to its end."""
    heard = Heard()
    with socket.create_connection((host, port)) as client, client.makefile("rb") as answer:
        client.sendall(json.dumps({"type": "synthesize", "data": {"text": text}}).encode() + b"\n")
        begin = time.perf_counter()
        while line := answer.readline():
            header = json.loads(line)
            answer.read(header.get("data_length", 0))
            audio = answer.read(header.get("payload_length", 0))
            if audio:
                heard.pcm += audio
                heard.arrivals.append((time.perf_counter() - begin, len(heard.pcm)))
            if header["type"] == "audio-stop":
                return heard
            if header["type"] == "error":
                raise RuntimeError(line)
    raise RuntimeError("the server closed the connection")
