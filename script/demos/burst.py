"""Shows how a burst of requests is handled, first without and then with a lock around the voice.

Without the lock, each request runs in its own thread, and all threads call the bundled voice at the same time. With the
lock, the server's engine handles the same requests. All figures and bars show measurements from the current run."""

import argparse
import asyncio
import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from wyoming_piper_serial.engine.chunks import chunk_frames
from wyoming_piper_serial.engine.engine import Engine
from wyoming_piper_serial.engine.speech_job import SpeechJob
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.protocols import FloatSamples, Speech, SynthesisOptions, Voice
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers
from wyoming_piper_serial.phonemes.types import PhonemeIds, Prepare, as_written
from wyoming_piper_serial.settings import Limits, SynthesisSettings
from wyoming_piper_serial.voices.loader import VoiceLoader
from wyoming_piper_serial.voices.scanner import bundled_voice

# Without noise, a text always produces the same audio, so the results can be compared byte for byte.
_OPTIONS = SynthesisOptions(synthesis=SynthesisSettings(noise_scale=0, noise_w_scale=0, seed=0))
_TEXTS = [
    "The kitchen light is on.",
    "It will rain in the afternoon, so take an umbrella with you.",
    "Your timer is done.",
    "The front door has been open for ten minutes. Shall I close it?",
    "Good morning. It is seven o'clock.",
    "The washing machine has finished. There is post in the box.",
]


@dataclass
class Request:
    """A speech request and its results."""

    text: str
    expected: bytes = b""
    heard: bytes = b""
    first_sound: float = 0.0
    spans: list[tuple[float, float]] = field(default_factory=list)
    """Start and end of each model run, in seconds since the burst began."""


class RecordedVoice:
    """Wraps a voice for a request, and records the start and end of each model run."""

    def __init__(self, voice: Voice, request: Request, now: Callable[[], float]) -> None:
        self.config = voice.config
        self.gain = voice.gain
        self.step_times = voice.step_times
        self.frame_seconds = voice.frame_seconds
        self._voice = voice
        self._request = request
        self._now = now

    def phonemize(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
        return self._voice.phonemize(text, prepare)

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        with self._recorded():
            return _RecordedSpeech(self._voice.speak(ids, options), self._recorded)

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        return [speech.decode(frames) for speech in speeches]

    @contextlib.contextmanager
    def _recorded(self) -> Iterator[None]:
        begin = self._now()
        yield
        self._request.spans.append((begin, self._now()))


class _RecordedSpeech:
    def __init__(self, speech: Speech, recorded: Callable[[], contextlib.AbstractContextManager[None]]) -> None:
        self._speech = speech
        self._recorded = recorded

    @property
    def done(self) -> bool:
        return self._speech.done

    @property
    def memory(self) -> int:
        return 0

    @property
    def remaining_frames(self) -> int:
        return self._speech.remaining_frames

    @property
    def flowed_frames(self) -> int:
        return self._speech.flowed_frames

    @property
    def id_frames(self) -> Sequence[int] | None:
        return self._speech.id_frames

    @property
    def unflowed_frames(self) -> int:
        return self._speech.unflowed_frames

    def batch_key(self, frames: int) -> None:
        """Return `None`, so that the engine decodes each chunk in a separate call."""

    def flow(self, frames: int) -> None:
        with self._recorded():
            self._speech.flow(frames)

    def decode(self, frames: int | None = None) -> FloatSamples:
        with self._recorded():
            return self._speech.decode(frames)


def speak_here(voice: Voice, text: str) -> Iterator[bytes]:
    """Synthesize the text in the calling thread, without a lock around the voice. Yield PCM."""
    job = SpeechJob(voice, _OPTIONS)
    for ids in voice.phonemize(text).result():
        yield job.encode(ids)
        while job.unfinished:
            yield job.decode(chunk_frames(job.chunks))


def unlocked(voice: Voice, requests: list[Request]) -> None:
    """Run all requests at the same time, each in its own thread."""
    begin = time.perf_counter()

    def now() -> float:
        return time.perf_counter() - begin

    def run(request: Request) -> None:
        for pcm in speak_here(RecordedVoice(voice, request, now), request.text):
            request.first_sound = request.first_sound or now()
            request.heard += pcm

    threads = [threading.Thread(target=run, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


async def locked(voice: Voice, requests: list[Request]) -> None:
    """Run all requests at the same time through the engine."""
    engine = Engine(Limits(), Metrics())
    working = asyncio.create_task(engine.run())
    begin = time.perf_counter()

    def now() -> float:
        return time.perf_counter() - begin

    async def run(request: Request) -> None:
        utterance = engine.submit([RecordedVoice(voice, request, now)], _OPTIONS)
        async with contextlib.aclosing(utterance):
            for ids in await asyncio.wrap_future(voice.phonemize(request.text)):
                await utterance.feed(ids)
            utterance.end_text()
            async for pcm in utterance:
                request.first_sound = request.first_sound or now()
                request.heard += pcm

    await asyncio.gather(*(run(request) for request in requests))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


def overlaps(requests: list[Request]) -> int:
    """Return the number of pairs of overlapping model runs that belong to different requests."""
    spans = [(number, span) for number, request in enumerate(requests) for span in request.spans]
    return sum(
        1
        for at, (first, (begin, end)) in enumerate(spans)
        for second, (other_begin, other_end) in spans[at + 1 :]
        if first != second and begin < other_end and other_begin < end
    )


def show(title: str, requests: list[Request]) -> None:
    """Print a timeline for each request. `.` means that the request is waiting, and `#` that it is using the voice."""
    total = max(end for request in requests for _, end in request.spans)
    width = max(20, shutil.get_terminal_size().columns - 48)
    print(f"\n{title}")
    for number, request in enumerate(requests, start=1):
        bar = ["."] * width
        for begin, end in request.spans:
            first, last = int(begin / total * (width - 1)), int(end / total * (width - 1))
            bar[first : last + 1] = "#" * (last + 1 - first)
        line = "".join(bar).rstrip(".")
        right = "right" if request.heard == request.expected else "WRONG"
        print(
            f"{number:3} {line:<{width}} waited {request.spans[0][0]:5.2f}s  sound {request.first_sound:5.2f}s  {right}"
        )
    first_sounds = sorted(request.first_sound for request in requests)
    print(
        f"    {overlaps(requests)} overlapping calls; all done after {total:.2f}s; "
        f"first sound: median {first_sounds[len(first_sounds) // 2]:.2f}s, worst {first_sounds[-1]:.2f}s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/demo_concurrent", description=__doc__)
    parser.add_argument("requests", nargs="?", type=int, choices=range(1, 65), metavar="1..64", default=len(_TEXTS))
    count: int = parser.parse_args().requests
    load = VoiceLoader(instances=1, device=Device(), phonemizers=Phonemizers(), max_phonemes=600, cache_dir=None)
    entry = bundled_voice()
    (voice,) = load(entry)
    texts = [_TEXTS[number % len(_TEXTS)] for number in range(count)]
    expected = {text: b"".join(speak_here(voice, text)) for text in texts}
    print(f"{count} requests at once, voice {entry.name}. '.': the request waits. '#': the request uses the voice.")
    burst = [Request(text, expected=expected[text]) for text in texts]
    unlocked(voice, burst)
    show("Without a lock: a thread for each request", burst)
    burst = [Request(text, expected=expected[text]) for text in texts]
    asyncio.run(locked(voice, burst))
    show("With a lock: one call of the voice at a time, scheduled by the engine", burst)


if __name__ == "__main__":
    main()
