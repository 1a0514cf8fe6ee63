"""The server as a whole: startup, background tasks and shutdown."""

import asyncio
import contextlib
import gc
import json
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from wyoming.event import Event, async_read_event, async_write_event

from tests.fakes import FakeVoice, Gate, holding_on, voice_entry
from wyoming_piper_serial import app as app_module
from wyoming_piper_serial.app import App
from wyoming_piper_serial.exceptions import SettingsError, VoiceFileError
from wyoming_piper_serial.network.service_manager import ServiceManager
from wyoming_piper_serial.observe.trace import TraceFile
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers
from wyoming_piper_serial.pronunciation import Readers
from wyoming_piper_serial.reloading import Reloader
from wyoming_piper_serial.settings import MEBIBYTE, Http, Limits, Settings
from wyoming_piper_serial.signals import FORCED_EXIT
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.pool import Instances, Loader
from wyoming_piper_serial.voices.registry import VoiceRegistry


def load_fake(entry: VoiceEntry) -> Instances:
    return (FakeVoice(config=entry.config),)


def app(
    uri: str,
    load: Loader = load_fake,
    *,
    others: Iterable[VoiceEntry] = (),
    trace: TraceFile | None = None,
    manager: ServiceManager | None = None,
    read: Callable[[], Settings] | None = None,
    **changes: Any,
) -> App:
    """Return an app with a fake default voice. `others` are further voices, and `changes` are settings that differ from
    the defaults. `read` returns the settings at SIGHUP."""
    entry = voice_entry()
    settings = Settings(uri=uri, voice=entry.name, **changes)
    return App(
        settings,
        VoiceRegistry(Catalogue([entry, *others])),
        load,
        Readers(settings, Phonemizers(settings.limits)),
        trace=None if trace is None else trace.write,
        closers=[trace.close] if trace else [],
        manager=manager,
        reloader=None if read is None else Reloader(read, Settings()),
    )


@contextlib.asynccontextmanager
async def running(caplog: pytest.LogCaptureFixture, **changes: Any) -> AsyncIterator[int]:
    """Run an app on a free port of the loopback interface. If the app is still running at the end of the context,
    SIGTERM ends it."""
    with caplog.at_level(logging.INFO):
        task = asyncio.create_task(app("tcp://127.0.0.1:0", **changes).run())
        async with asyncio.timeout(10):
            while (ready := re.search(r"Ready: tcp://127\.0\.0\.1:(\d+)", caplog.text)) is None:
                await asyncio.sleep(0)  # lets the app start
        yield int(ready[1])
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await task


async def ping(port: int, own: str = "127.0.0.1") -> tuple[str, asyncio.StreamWriter]:
    """Send `ping` from the address `own`.

    Return a description of the answer and the writer of the connection. The description is the type of the event, the
    code of an error, or `nothing` if the server has closed the connection.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(own, 0))
    writer.write(b'{"type": "ping"}\n')
    async with asyncio.timeout(10):
        try:
            event = await async_read_event(reader)
        except ConnectionError:
            event = None
    return (event.data.get("code", event.type) if event else "nothing"), writer


async def test_only_allowed_networks_are_answered(caplog: pytest.LogCaptureFixture) -> None:
    """A connection from outside the allowed networks is closed without an answer, logged once and counted."""
    async with running(caplog, allow=(ip_network("127.0.0.8/29"),)) as port:
        answers = [await ping(port, own) for own in ("127.0.0.1", "127.0.0.9", "127.0.0.1", "127.0.0.16")]
        assert [answer for answer, _ in answers] == ["nothing", "pong", "nothing", "nothing"]
        for _, writer in answers:
            writer.close()
    assert caplog.text.count("Refused 127.0.0.1:") == 1
    assert "3 connections refused" in caplog.text


async def test_allowed_networks_do_not_concern_unix_sockets(tmp_path: Path) -> None:
    """`--allow` does not apply to Unix sockets, because file permissions control access to them."""
    task = asyncio.create_task(app(f"unix://{tmp_path}/socket", allow=(ip_network("10.0.0.0/8"),)).run())
    while not (tmp_path / "socket").exists():
        await asyncio.sleep(0)  # lets the app start
    reader, writer = await asyncio.open_unix_connection(tmp_path / "socket")
    await async_write_event(Event("ping"), writer)
    async with asyncio.timeout(10):
        event = await async_read_event(reader)
    assert event is not None
    assert event.type == "pong"
    writer.close()
    os.kill(os.getpid(), signal.SIGTERM)
    await task


async def test_one_address_has_its_own_limit(caplog: pytest.LogCaptureFixture) -> None:
    """A client whose address has reached its connection limit gets an error. Other addresses are still admitted. The
    first address is admitted again after it has closed a connection."""
    async with running(caplog, limits=Limits(max_connections_per_address=2)) as port:
        answers = [await ping(port, own) for own in ("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2")]
        assert [answer for answer, _ in answers] == ["pong", "pong", "too-many-connections", "pong"]
        answers[0][1].close()
        async with asyncio.timeout(10):
            while (again := await ping(port))[0] != "pong":  # repeats until the app has noticed the close
                again[1].close()
        for _, writer in [*answers, again]:
            writer.close()


async def test_pauses_are_short_while_the_app_serves(caplog: pytest.LogCaptureFixture) -> None:
    """While the app serves, garbage collections and thread switches are more frequent. Afterwards, the settings are
    restored."""
    before, interval = gc.get_threshold(), sys.getswitchinterval()
    async with running(caplog) as port:
        _, writer = await ping(port)
        assert gc.get_threshold()[1:] < before[1:]
        assert sys.getswitchinterval() < interval
        writer.close()
    assert gc.get_threshold() == before
    assert sys.getswitchinterval() == interval


async def test_describe_is_answered_while_the_voice_loads(tmp_path: Path) -> None:
    """`describe` is answered while the voice is loading, and SIGTERM ends the app without waiting for the load."""
    gate = Gate()

    def load(entry: VoiceEntry) -> Instances:
        gate.hold()
        return (FakeVoice(config=entry.config),)

    running = asyncio.create_task(app(f"unix://{tmp_path}/socket", load).run())
    assert await asyncio.to_thread(gate.entered.wait, 10)
    reader, writer = await asyncio.open_unix_connection(tmp_path / "socket")
    await async_write_event(Event("describe"), writer)
    async with asyncio.timeout(10):
        info = await async_read_event(reader)
        assert info is not None
        assert info.type == "info"
        os.kill(os.getpid(), signal.SIGTERM)
        await running
    gate.open()
    writer.close()
    await writer.wait_closed()


async def test_failed_load_ends_the_start_in_spite_of_clients(tmp_path: Path) -> None:
    """If the voice fails to load, the app ends with the error, even if a connected client does not read."""
    gate = Gate()

    def load(entry: VoiceEntry) -> Instances:
        gate.hold()
        raise VoiceFileError(entry.name, "torn")

    running = asyncio.create_task(app(f"unix://{tmp_path}/socket", load).run())
    assert await asyncio.to_thread(gate.entered.wait, 10)
    _, writer = await asyncio.open_unix_connection(tmp_path / "socket")
    for _ in range(2000):
        writer.write(b'{"type": "describe"}\n')
    gate.open()
    async with asyncio.timeout(10):
        with pytest.raises(VoiceFileError):
            await running
    writer.close()


async def until_logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    """Wait until a log line contains `text`."""
    async with asyncio.timeout(10):
        while text not in caplog.text:
            await asyncio.sleep(0)  # lets the app continue


async def test_speech_beyond_the_drain_timeout_ends_with_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """When the drain timeout expires, the remaining requests get the error `shutting-down`, and the app ends."""
    gate = Gate()

    def load(entry: VoiceEntry) -> Instances:
        return (FakeVoice(config=entry.config, on_run=holding_on("held", gate)),)

    async with running(caplog, load=load, drain_timeout=0.0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await async_write_event(Event("synthesize", {"text": "held."}), writer)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(10):
            event = await async_read_event(reader)
        gate.open()
        writer.close()
    assert event is not None
    assert (event.type, event.data["code"]) == ("error", "shutting-down")
    assert "Stopping: 1 open connection; their requests have up to 0.0s to finish" in caplog.messages


async def test_second_interrupt_ends_the_process(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first SIGINT begins the shutdown. A second SIGINT ends the process at once, with the exit code that shells
    report for an interrupted program."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    gate = Gate()

    def load(entry: VoiceEntry) -> Instances:
        return (FakeVoice(config=entry.config, on_run=holding_on("held", gate)),)

    async with running(caplog, load=load) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await async_write_event(Event("synthesize", {"text": "held."}), writer)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        os.kill(os.getpid(), signal.SIGINT)
        await until_logged(caplog, "Stopping")
        assert codes == []
        os.kill(os.getpid(), signal.SIGINT)
        await until_logged(caplog, "Forced to stop")
        assert codes == [FORCED_EXIT]
        gate.open()
        async with asyncio.timeout(10):
            while await async_read_event(reader) is not None:
                pass
    writer.close()


async def test_failed_background_task_does_not_stop_the_server(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If watching the voice folders fails, an error with the cause is logged, and clients are still answered."""

    async def watch(self: VoiceRegistry) -> None:
        raise RuntimeError("broken watch")

    monkeypatch.setattr(VoiceRegistry, "watch", watch)
    async with running(caplog) as port:
        answer, writer = await ping(port)
        assert answer == "pong"
        writer.close()
    (failed,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert failed.getMessage() == "a background task failed"
    assert "broken watch" in caplog.text


async def test_figures_are_logged_while_something_happens(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A period with requests is summarized in one log line. A period without requests is not logged."""
    monkeypatch.setattr(app_module, "_REPORT_PERIOD", 0.0)
    async with running(caplog) as port:
        for _ in range(100):
            await asyncio.sleep(0)  # lets many periods pass
        assert "In the last" not in caplog.text
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await async_write_event(Event("synthesize", {"text": "Hello."}), writer)
        await until_logged(caplog, "In the last")
        async with asyncio.timeout(10):
            assert await async_read_event(reader) is not None
        writer.close()


async def test_server_is_announced_after_its_voice_is_loaded(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--zeroconf` announces the actual address, and the announcement is withdrawn when the server stops."""
    seen: list[object] = []

    @contextlib.asynccontextmanager
    async def announced(name: str, host: str, port: int) -> AsyncIterator[None]:
        seen.append((name, host, port))
        try:
            yield
        finally:
            seen.append("ended")

    monkeypatch.setattr(app_module, "announced", announced)
    async with running(caplog, zeroconf="piper") as port:
        assert seen == [("piper", "127.0.0.1", port)]
    assert seen[1:] == ["ended"]


async def test_trace_is_complete_when_the_app_has_ended(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """With `--trace`, the file contains the decisions of a request when the app has ended."""
    trace = TraceFile(tmp_path / "trace", max_bytes=MEBIBYTE)
    async with running(caplog, trace=trace) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await async_write_event(Event("synthesize", {"text": "Hello."}), writer)
        async with asyncio.timeout(10):
            while (event := await async_read_event(reader)) is not None and event.type != "audio-stop":
                pass
        writer.close()
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "trace").read_text("utf-8").splitlines()]
    assert kinds[:3] == ["costs", "decision", "step"]


async def test_preloaded_voices_are_in_memory(caplog: pytest.LogCaptureFixture) -> None:
    """`--preload all` loads each voice once at startup."""
    loads: list[str] = []

    def load(entry: VoiceEntry) -> Instances:
        loads.append(entry.voice)
        return (FakeVoice(config=entry.config),)

    others = [voice_entry("de_DE-other-low"), voice_entry("fr_FR-another-low")]
    limits = Limits(max_voices=3, max_memory=1000)
    async with running(caplog, load=load, others=others, preload=("all", "de_DE-other-low"), limits=limits):
        async with asyncio.timeout(10):
            while len(loads) < 3:
                await asyncio.sleep(0)  # lets the app load the voices
    assert loads[0] == voice_entry().voice
    assert sorted(loads[1:]) == sorted(one.voice for one in others)


async def test_http_server_is_started_behind_the_wyoming_server(caplog: pytest.LogCaptureFixture) -> None:
    """With `--http-uri`, the log contains the address of the page, and `/health` answers `ok` when the voice is
    loaded."""
    async with running(caplog, http=Http(uri="tcp://127.0.0.1:0")):
        await until_logged(caplog, "Page: ")
        page = re.search(r"Page: http://127\.0\.0\.1:(\d+)/", caplog.text)
        assert page
        reader, writer = await asyncio.open_connection("127.0.0.1", int(page[1]))
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == "ok"


async def test_service_manager_is_told_each_state(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """The service manager is notified when the server loads, is ready, reloads and stops, and gets watchdog messages.
    The socket that it passes is used, and stays open after the server has stopped."""
    notify = str(tmp_path / "notify")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver,
        socket.create_server(("127.0.0.1", 0)) as passed,
    ):
        receiver.bind(notify)
        receiver.setblocking(False)
        manager = ServiceManager(notify_address=notify, watchdog=3600.0, sockets={"wyoming": (passed.dup(),)})
        messages: list[str] = []

        async def told(start: str) -> str:
            async with asyncio.timeout(10):
                while not (messages and messages[-1].startswith(start)):
                    messages.append((await asyncio.get_running_loop().sock_recv(receiver, 4096)).decode())
            return messages[-1]

        async with running(caplog, manager=manager) as port:
            assert port == passed.getsockname()[1]
            assert f"STATUS=Ready: tcp://127.0.0.1:{port}, voice " in await told("READY=1")
            os.kill(os.getpid(), signal.SIGHUP)
            assert re.search(r"^MONOTONIC_USEC=[1-9][0-9]+$", await told("RELOADING=1"), re.MULTILINE)
            await told("READY=1")
        assert "STATUS=Stopping: 0 connections are open" in await told("STOPPING=1")
        assert any(message.startswith("STATUS=Loading the voice ") for message in messages)
        assert messages.count("WATCHDOG=1") == 1
        with socket.create_connection(("127.0.0.1", port), timeout=10):  # the socket is still open
            pass


async def test_hang_up_changes_what_can_change(caplog: pytest.LogCaptureFixture) -> None:
    """SIGHUP applies changed options to new connections, and logs the names of options that need a restart. If the new
    settings cannot be read, the old settings remain in effect, and one line is logged. Open connections stay open."""
    results: list[Settings | Exception] = [
        Settings(allow=(ip_network("127.0.0.8/29"),), uri="tcp://0.0.0.0:1"),
        SettingsError("--allow: 'x' is not a network."),
        RuntimeError("bug"),
        Settings(proxy_from=(ip_network("127.0.0.1"),), http=Http(token="secret")),  # noqa: S106 -- not a secret
    ]

    def read() -> Settings:
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    async with running(caplog, read=read, http=Http(uri="tcp://127.0.0.1:0")) as port:

        async def answer() -> str:
            found, writer = await ping(port)
            writer.close()
            return found

        _, open_before = await ping(port)
        os.kill(os.getpid(), signal.SIGHUP)
        await until_logged(caplog, "SIGHUP: these options take effect only after a restart: --uri")
        assert "SIGHUP: changed: --allow" in caplog.messages
        assert await answer() == "nothing"
        os.kill(os.getpid(), signal.SIGHUP)
        await until_logged(caplog, "SIGHUP: the settings remain unchanged: --allow: 'x' is not a network.")
        os.kill(os.getpid(), signal.SIGHUP)
        await until_logged(caplog, "SIGHUP: the settings could not be reread")
        assert await answer() == "nothing"
        os.kill(os.getpid(), signal.SIGHUP)
        await until_logged(caplog, "SIGHUP: changed: --allow, --proxy-from, --http-token")
        assert "secret" not in caplog.text
        await until_logged(caplog, "Page: ")
        page = re.search(r"Page: http://127\.0\.0\.1:(\d+)/", caplog.text)
        assert page
        assert await answer() == "bad-request"  # a proxy must send a PROXY header first
        reader, writer = await asyncio.open_connection("127.0.0.1", int(page[1]), local_addr=("127.0.0.2", 0))
        writer.write(b"GET /api/text-to-speech?text=a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(10):
            assert (await reader.read()).startswith(b"HTTP/1.1 401 ")
        writer.close()
        open_before.write(b'{"type": "ping"}\n')
        assert not open_before.is_closing()
        open_before.close()
