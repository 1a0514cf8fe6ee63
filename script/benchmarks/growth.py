"""Measures which requests and changes leave objects in the server's memory.

Each kind of work is done in two halves of many repetitions. The table shows how many more Python objects the server
has after the second half than after the first. Some kinds leave a bounded number of objects, such as the last 64
requests of the activity. The first half creates these. A kind that leaves more than 60 objects, and at least half an
object each time, is a leak.
"""

import argparse
import asyncio
import collections
import contextlib
import json
import os
import random
import signal
import string
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from attacks import ask
from crowd import connect, speak
from report import show
from servers import ROOT, Server, children_of, environment_of, free_port, wait_until_it_speaks

from tests.fixture_voices import FixtureVoices
from tests.integration.voice_files import files_of, put

_AT_ONCE = 6  # Number of simultaneous clients.
_LEAK = 0.5  # Minimum number of objects per repetition for the verdict "leak".
_NOISE = 60  # Maximum number of objects by which measurements without a leak differ.
_TIMERS = ("asyncio.events.TimerHandle", "_contextvars.Context")  # Cancelled timers are freed when they would expire.
_REST = 1.0  # Time in seconds before a measurement, in which closed connections are freed.
_DEFAULT = "en_US-small-medium"
_OTHER = "de_DE-klein-medium"


@dataclass(frozen=True)
class Bench:
    """A server with a folder of voices."""

    process: "subprocess.Popen[str]"
    server: Server
    http: int
    folder: Path
    voices: FixtureVoices

    def objects(self) -> collections.Counter[str]:
        """Return the number of Python objects that the server's garbage collector knows, by type, except _TIMERS."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the server has no pipes")
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        counts = json.loads(self.process.stdout.readline())
        return collections.Counter({kind: number for kind, number in counts.items() if kind not in _TIMERS})

    async def http_request(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json", *, status: int = 200
    ) -> None:
        """Send a request on a new connection, and read the whole response, which must have the given status."""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\n"
        whole = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        answer = await asyncio.to_thread(ask, self.http, whole)
        if not answer.startswith(b"HTTP/1.1 %d " % status):
            raise RuntimeError(f"{method} {path}: {answer[:300]!r}")

    async def speech(self, *, status: int = 200, **parameters: object) -> None:
        query = "&".join(f"{name}={quote(str(value))}" for name, value in {"text": "One.", **parameters}.items())
        await self.http_request("GET", f"/api/text-to-speech?{query}", status=status)

    async def choose_default(self, name: str) -> None:
        await self.http_request("PUT", "/api/voices/default", json.dumps({"name": name}).encode())


def _word() -> str:
    return "".join(random.choices(string.ascii_lowercase, k=12))  # noqa: S311


async def unknown_path(bench: Bench) -> None:
    await bench.http_request(_word().upper(), f"/{_word()}", status=404)


async def unknown_voice(bench: Bench) -> None:
    await bench.speech(voice=_word(), status=404)
    await bench.speech(voice=f"xx_{_word()[:2].upper()}", status=404)
    await bench.speech(speaker=_word(), status=404)


async def seeds_and_formats(bench: Bench) -> None:
    await bench.speech(seed=random.randrange(10**9), format=random.choice(("wav", "mp3", "opus", "flac")))  # noqa: S311


async def new_text(bench: Bench) -> None:
    await bench.speech(text=f"{_word()} {_word()}.")


async def own_lexicon(bench: Bench) -> None:
    await bench.speech(lexicon=f"{_word()} = {_word()}")
    body = json.dumps({"text": _word(), "lexicon": f"{_word()} = {_word()}"}).encode()
    await bench.http_request("POST", "/api/phonemes", body)


async def openai(bench: Bench) -> None:
    body = {"input": "One.", "voice": "alloy", "model": _word(), "response_format": "pcm", "stream_format": "sse"}
    await bench.http_request("POST", "/v1/audio/speech", json.dumps(body).encode())


async def pages_and_lists(bench: Bench) -> None:
    for path in ("/", "/health", "/metrics", "/api/activity", "/api/voices?all=true", "/openapi.json"):
        await bench.http_request("GET", path)


async def wyoming(bench: Bench) -> None:
    await speak(bench.server, f"{_word()}.")


async def wyoming_stream(bench: Bench) -> None:
    peer = await connect(bench.server)
    await peer.stream("One two. Three.", 0.0)
    await peer.reset()


async def hang_up(bench: Bench) -> None:
    peer = await connect(bench.server)
    peer.ask_to_speak("One two three. " * 20)
    await peer.started.wait()
    await peer.reset()


async def garbage(bench: Bench) -> None:
    await asyncio.to_thread(ask, bench.server.port, os.urandom(200) + b"\n")


async def preset(bench: Bench) -> None:
    name = _word()
    body = json.dumps({"voice": _DEFAULT, "volume": 0.5}).encode()
    await bench.http_request("PUT", f"/api/voices/presets/{name}", body)
    await bench.speech(voice=name)
    await bench.http_request("DELETE", f"/api/voices/presets/{name}", status=204)


async def lexicon_entry(bench: Bench) -> None:
    word = _word()
    entry = json.dumps({"scope": "", "word": word, "spoken": "goose"}).encode()
    await bench.http_request("PUT", "/api/voices/lexicon", entry)
    await bench.http_request("DELETE", f"/api/voices/lexicon?scope=&word={word}", status=204)


async def default_voice(bench: Bench) -> None:
    for name in (_OTHER, _DEFAULT):
        await bench.choose_default(name)


async def uploaded_voice(bench: Bench) -> None:
    name = f"it_IT-{_word()}-low"
    model, config = files_of(bench.voices, name)
    await bench.http_request("PUT", f"/api/voices/{name}/config", config, "application/octet-stream")
    await bench.http_request("PUT", f"/api/voices/{name}/model", model, "application/octet-stream")
    await bench.speech(voice=name)
    await bench.http_request("DELETE", f"/api/voices/{name}")


async def voice_on_disk(bench: Bench) -> None:
    name = f"sv_SE-{_word()}-low"
    put(bench.voices, bench.folder, name)
    await sighup(bench)
    for ending in (".onnx", ".onnx.json"):
        (bench.folder / f"{name}{ending}").unlink()
    await sighup(bench)


async def sighup(bench: Bench) -> None:
    bench.process.send_signal(signal.SIGHUP)
    await asyncio.sleep(0.05)


async def killed_phonemizer(bench: Bench) -> None:
    for child in children_of(bench.server.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    await bench.speech()


KINDS: dict[str, tuple[Callable[[Bench], Awaitable[None]], int]] = {
    "unknown paths and methods": (unknown_path, 200),
    "unknown voices, speakers and languages": (unknown_voice, 100),
    "seeds and formats": (seeds_and_formats, 100),
    "new texts": (new_text, 100),
    "a lexicon in the request": (own_lexicon, 100),
    "OpenAI's endpoint": (openai, 100),
    "the page, lists and metrics": (pages_and_lists, 50),
    "Wyoming requests": (wyoming, 100),
    "Wyoming text streams": (wyoming_stream, 100),
    "clients that hang up": (hang_up, 100),
    "garbage": (garbage, 200),
    "presets": (preset, 100),
    "lexicon entries": (lexicon_entry, 100),
    "the default voice": (default_voice, 50),
    "SIGHUP": (sighup, 50),
    "voices uploaded and removed": (uploaded_voice, 80),
    "voices copied and removed": (voice_on_disk, 40),
    "killed phonemizers": (killed_phonemizer, 70),
}
"""For each kind of work, the function that does it once, and the number of repetitions in each half."""

_ALONE = {uploaded_voice, voice_on_disk, killed_phonemizer, sighup}  # work that is not done simultaneously


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Bench]:
    voices = FixtureVoices(folder / "unpacked")
    voices.directory.mkdir()
    installed = folder / "voices"
    installed.mkdir()
    for name in (_DEFAULT, _OTHER):
        put(voices, installed, name)
    wyoming_port, http = free_port(), free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, str(Path(__file__).with_name("growth_child.py"))),
            *("--uri", f"tcp://127.0.0.1:{wyoming_port}", "--http-uri", f"tcp://127.0.0.1:{http}"),
            *("--download-dir", str(installed), "--cache-dir", str(folder / "cache")),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment_of(ROOT),
        text=True,
    )
    try:
        wait_until_it_speaks(wyoming_port, process)
        bench = Bench(process, Server("127.0.0.1", wyoming_port, process.pid), http, installed, voices)
        asyncio.run(bench.choose_default(_DEFAULT))  # With --voice, the default voice could not be changed later.
        yield bench
    finally:
        process.terminate()
        process.communicate()


async def repeat(bench: Bench, work: Callable[[Bench], Awaitable[None]], count: int) -> None:
    turns = asyncio.Semaphore(1 if work in _ALONE else _AT_ONCE)

    async def once() -> None:
        async with turns:
            await work(bench)

    await asyncio.gather(*(once() for _ in range(count)))
    await asyncio.sleep(_REST)


async def measure(bench: Bench, name: str) -> collections.Counter[str]:
    """Return the numbers of objects, by type, that the second half of the work has left in memory."""
    work, count = KINDS[name]
    await repeat(bench, work, count)
    before = bench.objects()
    await repeat(bench, work, count)
    after = bench.objects()
    after.subtract(before)
    return after


async def measure_all(bench: Bench, words: str) -> bool:
    """Measure all kinds of work whose name contains `words`, and print a table. Return whether there is a leak."""
    rows = []
    leaks = False
    for name, (_, count) in KINDS.items():
        if words not in name:
            continue
        left = await measure(bench, name)
        more = left.total()
        is_leak = more > _NOISE and more / count >= _LEAK
        leaks = leaks or is_leak
        types = ", ".join(f"{number} {kind.rpartition('.')[2]}" for kind, number in left.most_common(3))
        rows.append([name, str(count), f"{more:+}", f"leak: {types}" if is_leak else ""])
        print(f"{name}: {more:+}", flush=True)
    show("objects left in the server by the second half of the work", ("work", "times", "objects", ""), rows)
    return leaks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORDS", help="do only work whose name contains these words")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as bench:
        leaks = asyncio.run(measure_all(bench, args.only))
    sys.exit(1 if leaks else 0)


if __name__ == "__main__":
    main()
