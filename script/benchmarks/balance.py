"""Count the requests that are lost behind HAProxy while servers are drained, restarted and killed.

Starts three servers behind HAProxy with `packaging/haproxy.cfg`. Clients continuously request `describe`, speech, and a
list over HTTP, each time on a new connection. Meanwhile, one server is drained and restarted, all servers are restarted
one after another, and one server is killed. The program fails if any request is lost, except those that the killed
server was handling.
"""

import argparse
import asyncio
import contextlib
import itertools
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import servers
from wyoming.event import Event, async_read_event, async_write_event

PROXY = "127.0.0.2"
"""Address from which HAProxy connects. This program itself connects from 127.0.0.1, without a PROXY header."""

_CONFIG = servers.ROOT / "packaging" / "haproxy.cfg"
_PATIENCE = 240.0  # maximum time in seconds for each response, and for most steps of the benchmark
_TEXT = "This is a sentence of the usual length, number {}. And here is another one."
_WANTED = {"describe": "info", "speech": "audio-stop"}


class Backend:
    """A server that always listens on the same ports."""

    def __init__(self, options: Sequence[str]) -> None:
        self.wyoming, self.http = servers.free_port(), servers.free_port()
        self._options = options
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- open as long as the object exists
        self.process: subprocess.Popen[bytes]

    async def start(self) -> None:
        """Start the server, and wait until the server is ready."""
        self.process = subprocess.Popen(  # noqa: ASYNC220 -- starting a process takes a millisecond
            [
                *(sys.executable, "-m", "wyoming_piper_serial", *self._options, "--proxy-from", PROXY),
                *("--drain-timeout", "60"),
                *("--uri", f"tcp://127.0.0.1:{self.wyoming}", "--http-uri", f"tcp://127.0.0.1:{self.http}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=servers.environment_of(servers.ROOT),
        )
        await until(self._is_ready)

    async def stop(self) -> None:
        """Stop the server with SIGTERM, and wait until the process has ended."""
        self.process.terminate()
        await asyncio.to_thread(self.process.wait, _PATIENCE)

    def faults(self) -> list[str]:
        """Return the warnings and errors in the log of the server."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        return [line for line in lines if re.search(r" (WARNING|ERROR) |error sent|Traceback", line)]

    async def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError("a server did not start")
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.http)
        except OSError:
            return False
        writer.write(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer.startswith(b"HTTP/1.1 200 ")


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = _PATIENCE) -> None:
    """Wait until `condition` returns true. Raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 -- the other processes send no event
            await asyncio.sleep(0.05)


class Balancer:
    """HAProxy with the project's configuration, in which only addresses and paths are changed."""

    def __init__(self, backends: Sequence[Backend], folder: Path) -> None:
        self.port = servers.free_port()
        self.http = servers.free_port()
        self._admin = folder / "admin.sock"
        text = _CONFIG.read_text(encoding="utf-8")
        text = text.replace("/run/haproxy/admin.sock", str(self._admin))
        text = text.replace("bind :10200", f"bind 127.0.0.1:{self.port}")
        text = text.replace("bind :10280", f"bind 127.0.0.1:{self.http}")
        text = text.replace("log stderr", f"log {folder}/no-log")
        text = text.replace("default-server inter", f"default-server source {PROXY} inter")
        for number, backend in enumerate(backends, 1):
            own = f"192.168.1.1{number}"
            text = text.replace(f"{own}:10200 port 10280", f"127.0.0.1:{backend.wyoming} port {backend.http}")
            text = text.replace(f"{own}:10280", f"127.0.0.1:{backend.http}")
        config = folder / "haproxy.cfg"
        config.write_text(text, encoding="utf-8")
        program = shutil.which("haproxy") or "/usr/sbin/haproxy"
        self.process = subprocess.Popen([program, "-db", "-f", str(config)], stderr=subprocess.DEVNULL)

    def command(self, line: str) -> str:
        """Send a command to HAProxy's admin socket, and return the output of the command."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self._admin))
            admin.sendall(line.encode() + b"\n")
            with admin.makefile() as output:
                return output.read()

    def states(self) -> list[dict[str, str]]:
        """Return the rows for the Wyoming servers in the output of HAProxy's command `show stat`."""
        header, *rows = self.command("show stat").removeprefix("# ").splitlines()
        found = [dict(zip(header.split(","), row.split(","), strict=False)) for row in rows if row]
        return [row for row in found if row["pxname"] == "wyoming_servers" and row["svname"].startswith("piper")]

    async def all_up(self) -> None:
        """Wait until HAProxy reports that all servers are up."""

        async def up() -> bool:
            with contextlib.suppress(OSError):
                return all(row["status"] == "UP" for row in self.states())
            return False

        await until(up)


@dataclass
class Answer:
    """The outcome of a request to the balanced servers."""

    kind: str
    begun: float
    seconds: float
    error: str | None


@dataclass
class Load:
    """Clients that send requests until `ending` is true."""

    port: int
    http: int
    answers: list[Answer] = field(default_factory=list)
    ending: bool = False

    async def client(self, kind: str, pause: float) -> None:
        number = 0
        while not self.ending:
            begun = time.monotonic()
            number += 1
            try:
                async with asyncio.timeout(_PATIENCE):
                    error = await self._ask(kind, number)
            except (OSError, TimeoutError) as failed:
                error = type(failed).__name__
            self.answers.append(Answer(kind, begun, time.monotonic() - begun, error))
            await asyncio.sleep(pause)

    async def _ask(self, kind: str, number: int) -> str | None:
        """Send a request. Return `None` if the response is complete, and otherwise a description of the problem."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.http if kind == "http" else self.port)
        try:
            if kind == "http":
                writer.write(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                status = (await reader.read())[9:12].decode()
                return None if status == "200" else status or "ended early"
            event = Event("describe") if kind == "describe" else Event("synthesize", {"text": _TEXT.format(number)})
            await async_write_event(event, writer)
            while (answer := await async_read_event(reader)) is not None:
                if answer.type == _WANTED[kind]:
                    return None
                if answer.type == "error":
                    return str(answer.data.get("code"))
            return "ended early"
        finally:
            writer.close()

    def lost(self, *, since: float = 0.0, kind: str | None = None) -> list[Answer]:
        """Return the requests that ended after `since` without a complete response. `since` is a value of
        `time.monotonic()`. If `kind` is given, only requests of this kind are returned."""
        return [
            answer
            for answer in self.answers
            if answer.error and answer.begun + answer.seconds >= since and kind in {None, answer.kind}
        ]

    def count(self, kind: str) -> int:
        return sum(answer.kind == kind for answer in self.answers)


@contextlib.asynccontextmanager
async def cluster(options: Sequence[str]) -> AsyncIterator[tuple[list[Backend], Balancer]]:
    """Run three servers behind HAProxy."""
    backends = [Backend(options) for _ in range(3)]
    with tempfile.TemporaryDirectory() as folder:
        balancer = None
        try:
            await asyncio.gather(*(backend.start() for backend in backends))
            balancer = Balancer(backends, Path(folder))
            await balancer.all_up()
            yield backends, balancer
        finally:
            for process in [one.process for one in backends if hasattr(one, "process")]:
                process.kill()
                process.wait()
            if balancer is not None:
                balancer.process.kill()
                balancer.process.wait()


async def drain(backends: Sequence[Backend], balancer: Balancer) -> None:
    """Drain a server in HAProxy, wait until it has no clients, restart it, and set it to ready again."""
    for part in ("wyoming_servers", "http_servers"):
        balancer.command(f"set server {part}/piper2 state drain")

    async def empty() -> bool:
        return balancer.states()[1]["scur"] == "0"

    await until(empty)
    await backends[1].stop()
    await backends[1].start()
    for part in ("wyoming_servers", "http_servers"):
        balancer.command(f"set server {part}/piper2 state ready")
    await balancer.all_up()


async def restart(backends: Sequence[Backend], balancer: Balancer, rounds: int) -> None:
    """Restart the servers one after another, `rounds` times each, without notifying HAProxy."""
    for backend in [*backends] * rounds:
        await backend.stop()
        await backend.start()
        await balancer.all_up()


async def measure(arguments: argparse.Namespace) -> bool:
    """Run all phases, print the results, and return whether no request was lost that should have been answered."""
    async with cluster(arguments.options) as (backends, balancer):
        load = Load(balancer.port, balancer.http)
        kinds = itertools.cycle(
            [("speech", arguments.speech_pause), ("describe", arguments.pause), ("describe", arguments.pause)]
        )
        chosen = [("http", arguments.pause), *itertools.islice(kinds, arguments.clients - 1)]
        clients = [asyncio.create_task(load.client(kind, pause)) for kind, pause in chosen]
        await drain(backends, balancer)
        print(f"drain of one server:   {_summary(load, 0.0)}")
        begun = time.monotonic()
        await restart(backends, balancer, arguments.rounds)

        async def enough() -> bool:
            wanted = {"describe": arguments.describes, "speech": arguments.speeches}
            return all(load.count(kind) >= count for kind, count in wanted.items())

        await until(enough, 3600.0)
        print(f"rolling restarts:      {_summary(load, begun)}")
        before = load.lost()
        begun = time.monotonic()
        backends[0].process.kill()
        # The kernel accepts connections for the killed server until its memory is freed. The requests on these
        # connections are also lost.
        await asyncio.to_thread(backends[0].process.wait)
        killed = time.monotonic()
        await asyncio.sleep(arguments.after_kill)
        load.ending = True
        await asyncio.gather(*clients)
        print(f"one server killed:     {_summary(load, begun)}")
        new = [answer for answer in load.answers if answer.begun > killed]
        slowest = max((answer.seconds for answer in new if answer.kind == "describe"), default=0.0)
        new_lost = sum(answer.error is not None for answer in new)
        print(f"after the kill:        {len(new)} new requests, {new_lost} lost, slowest describe {slowest:.2f} s")
        print(f"total:                 {_summary(load, 0.0)}")
        print(f"lost unexpectedly:     {len(before) + new_lost}")
        if before or new_lost:
            print(*(fault for backend in backends for fault in backend.faults()), sep="\n")
        return not before and not new_lost


def _summary(load: Load, since: float) -> str:
    recent = [answer for answer in load.answers if answer.begun + answer.seconds >= since]
    parts = []
    for kind, plural in (("describe", "describe"), ("speech", "speeches"), ("http", "HTTP requests")):
        errors = Counter(answer.error for answer in load.lost(since=since, kind=kind))
        details = "".join(f" ({error} {count})" for error, count in errors.items())
        parts.append(f"{sum(errors.values())} of {sum(one.kind == kind for one in recent)} {plural} lost{details}")
    return ", ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=re.sub(r"\s+", " ", __doc__ or ""))
    parser.add_argument(
        "--clients", type=int, default=24, help="one uses HTTP, a third of the others requests speech (default: 24)"
    )
    parser.add_argument("--describes", type=int, default=3000, help="minimum number of describe (default: 3000)")
    parser.add_argument("--speeches", type=int, default=200, help="minimum number of speeches (default: 200)")
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two describe of a client")
    parser.add_argument("--speech-pause", type=float, default=0.05, help="seconds between two speeches of a client")
    parser.add_argument("--rounds", type=int, default=2, help="how often each server is restarted (default: 2)")
    parser.add_argument("--after-kill", type=float, default=5.0, help="seconds to continue after the kill")
    parser.add_argument("options", nargs="*", help="options of the servers, after --")
    if not asyncio.run(measure(parser.parse_args())):
        sys.exit("Requests were lost.")


if __name__ == "__main__":
    main()
