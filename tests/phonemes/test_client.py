"""The client starts and stops a phonemizer process, sends requests to this process, limits the time and memory of this
process, and replaces the process if it dies."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes import FakeClock
from wyoming_piper_serial.phonemes import client
from wyoming_piper_serial.phonemes.client import (
    PhonemizerDied,
    PhonemizerError,
    PhonemizerProcess,
    PhonemizerUnavailable,
)

_SLOW = "ı" * 3000  # a long word, which takes espeak-ng ten seconds


@contextlib.contextmanager
def running(kind: str = "espeak", *, seconds: float = 5.0, memory: int = 1 << 30) -> Iterator[PhonemizerProcess]:
    process = PhonemizerProcess(kind, seconds=seconds, memory=memory)
    try:
        yield process
    finally:
        process.close()


def ask(process: PhonemizerProcess, text: str, voice: str = "en-us") -> Any:
    return process.submit(process.ask, {"voice": voice, "folder": "", "text": text}).result()


def pid_of(process: PhonemizerProcess) -> int:
    pid = process.pid
    assert pid is not None
    return pid


def assert_no_zombie(pid: int) -> None:
    """Assert that the process `pid` has ended and has been reaped."""
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def counted_starts(monkeypatch: pytest.MonkeyPatch) -> list[client._Child]:
    """Return a list to which each phonemizer process is appended when it starts."""
    started: list[client._Child] = []
    init = client._Child.__init__

    def counting(self: client._Child, *args: Any, **options: Any) -> None:
        init(self, *args, **options)
        started.append(self)

    monkeypatch.setattr(client._Child, "__init__", counting)
    return started


def wait_for_reapers(children: list[client._Child]) -> None:
    """Wait until the reaper threads of `children`, which have ended, have reaped them. Other tests in this process may
    have phonemizers that are still running."""
    names = {f"reaper-{child.pid}" for child in children}
    for thread in threading.enumerate():
        if thread.name in names:
            thread.join(10)


def wait_for_end(pid: int) -> None:
    """Wait until the process `pid` has ended. It may already have ended before the call."""
    with contextlib.suppress(ProcessLookupError):
        end = os.pidfd_open(pid)
        try:
            assert select.select([end], [], [], 10)[0], "the process has not ended"
        finally:
            os.close(end)


def test_answer_has_the_clauses_of_espeak() -> None:
    """For each clause of a text, the answer contains the phonemes, the final punctuation mark, and whether the clause
    ends a sentence."""
    with running() as process:
        assert ask(process, "Yes, no.") == [["jˈɛs", ",", False], ["nˈoʊ", ".", True]]
        assert ask(process, "ja", "de") == [["jˈɑː", "", True]]


def test_error_of_the_phonemizer_is_raised() -> None:
    """If the phonemizer raises an exception, the client raises PhonemizerError, and the phonemizer process keeps
    running."""
    with running() as process:
        with pytest.raises(PhonemizerError):
            ask(process, "text", "no such voice")
        pid = process.pid
        assert ask(process, "a")
        assert process.pid == pid


def test_request_that_takes_too_much_processor_time_ends_the_process() -> None:
    """If a request exceeds the processor time limit, PhonemizerDied is raised. A new process answers the next
    request."""
    with running(seconds=0.1) as process:
        assert ask(process, "a")
        pid = process.pid
        with pytest.raises(PhonemizerDied, match=f"signal {int(signal.SIGPROF)}"):
            ask(process, _SLOW)
        assert ask(process, "a")
        assert process.pid != pid


def test_request_gets_a_share_of_the_time() -> None:
    """The argument `share` is the fraction of the processor time limit that a request may use."""
    request = {"voice": "en-us", "folder": "", "text": _SLOW}
    with running(seconds=1000.0) as process, pytest.raises(PhonemizerDied):
        process.submit(partial(process.ask, request, share=0.0001)).result()


def test_loading_has_no_limit_of_processor_time() -> None:
    """The processor time limit applies to requests, but not to loading."""
    with running(seconds=0.01) as process:
        request = {"voice": "en-us", "folder": "", "text": "ı" * 300}
        assert process.submit(process.load, request).result()


def test_process_that_does_not_answer_is_killed() -> None:
    """A process that does not answer and uses no processor time is killed after ten times the processor time limit."""
    with running(seconds=0.01) as process:
        assert process.submit(process.load, {"voice": "en-us", "folder": "", "text": "a"}).result()
        pid = pid_of(process)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(PhonemizerDied, match=f"signal {int(signal.SIGKILL)}"):
            ask(process, "a")


def replaced_program(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Replace the program of phonemizer processes. The new program runs the code `program` for each request, with the
    request in the variable `request`."""
    program = f"import os, signal, sys\nfor request in sys.stdin:\n    {program}\n    sys.stdout.flush()"
    monkeypatch.setattr(client, "child_command", lambda *_: [sys.executable, "-c", program])


_ANSWER = """print('{"answer": [], "seconds": 0.1}')"""
_KILLED = "os.kill(os.getpid(), signal.SIGKILL)"


def test_request_whose_process_is_killed_is_tried_once_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """If another program or the kernel kills the phonemizer process, for example when memory runs out, the request is
    retried in a new process."""
    mark = tmp_path / "mark"
    replaced_program(
        monkeypatch, f"{_ANSWER} if os.path.exists({str(mark)!r}) else (os.mkdir({str(mark)!r}), {_KILLED})"
    )
    started = counted_starts(monkeypatch)
    with running() as process:
        assert ask(process, "a") == []
    assert len(started) == 2


def test_request_whose_process_is_killed_each_time_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a second process is killed during the same request, the request fails, because its text may be the cause."""
    replaced_program(monkeypatch, _KILLED)
    started = counted_starts(monkeypatch)
    with running() as process:
        with pytest.raises(PhonemizerDied, match=f"signal {int(signal.SIGKILL)}"):
            ask(process, "a")
        assert [one.ended for one in started[:2]] == [True, True]
        # A third process may have started for the next request. It has not received this one.
        assert not any(one.ended for one in started[2:])


@pytest.mark.parametrize(
    "answer", ["null", "{}", '{"answer": 1}', '{"answer": 1, "seconds": "1"}', "[" * 100_000, "{", "\xff", "x" * 2000]
)
def test_process_that_sends_no_answer_is_replaced(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """A process that sends an invalid answer is killed, because its memory may be corrupted."""
    monkeypatch.setattr(client, "_MAX_ANSWER", 100_001)
    replaced_program(monkeypatch, f"sys.stdout.buffer.write({answer!r}.encode('latin-1') + b'\\n')")
    started = counted_starts(monkeypatch)
    with running() as process:
        with pytest.raises(PhonemizerDied):
            ask(process, "a")
        assert started[0].ended


def test_answer_without_an_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that sends more than the maximum size of an answer is killed."""
    monkeypatch.setattr(client, "_MAX_ANSWER", 1000)
    replaced_program(monkeypatch, "[sys.stdout.write('x' * 1000) for _ in iter(int, 1)]")
    with running(seconds=1000.0) as process, pytest.raises(PhonemizerDied):
        ask(process, "a")


def test_request_has_its_time_again_after_the_machine_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the server wakes up long after the deadline of a request, the server and the process were probably suspended
    together. The process then gets the full time again, and the request does not fail."""
    replaced_program(monkeypatch, _ANSWER)
    clock, waits, poll = FakeClock(), [], select.poll

    class Poll:
        """On the first call to `poll`, advance the clock by an hour and return no event."""

        def __init__(self) -> None:
            self._poll = poll()
            self.register = self._poll.register

        def poll(self, milliseconds: float) -> list[tuple[int, int]]:
            waits.append(milliseconds)
            if len(waits) == 1:
                clock.advance(3600)
                return []
            return self._poll.poll()

    monkeypatch.setattr(client, "select", SimpleNamespace(poll=Poll, POLLIN=select.POLLIN))
    monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=clock))
    with running(seconds=1.0) as process:
        assert ask(process, "a") == []
    assert waits[:2] == [10_000, 10_000]


def test_process_that_died_between_requests_is_replaced() -> None:
    """If the process dies between requests, a new process answers the next request. No zombie process remains."""
    with running() as process:
        assert ask(process, "a")
        pid = pid_of(process)
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid)
        assert ask(process, "a")
        assert process.pid != pid
        assert_no_zombie(pid)


def test_process_that_needs_too_much_memory_dies_alone() -> None:
    """A request that needs more memory than the limit fails with an error."""
    with running(memory=8 << 20) as process, pytest.raises((PhonemizerDied, PhonemizerError)):
        ask(process, "a" * 20_000_000)


def test_closed_process_has_ended() -> None:
    """After `close`, the process has ended, and `submit` raises RuntimeError."""
    with running() as process:
        assert ask(process, "a")
        pid = pid_of(process)
    assert_no_zombie(pid)
    with pytest.raises(RuntimeError):
        process.submit(print)


def test_process_that_does_not_end_is_killed() -> None:
    """`close` kills a phonemizer process that does not exit by itself."""
    with running() as process:
        assert ask(process, "a")
        pid = pid_of(process)
        os.kill(pid, signal.SIGSTOP)
    assert_no_zombie(pid)


def test_program_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the interpreter cannot be started, PhonemizerUnavailable is raised."""
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with running() as process, pytest.raises(PhonemizerUnavailable, match="cannot be started"):
        ask(process, "a")


def test_process_that_died_when_idle_is_replaced_at_once() -> None:
    """A process that ends after it has answered requests is replaced before the next request."""
    with running() as process:
        assert ask(process, "a")
        pid = pid_of(process)
        (reaper,) = [thread for thread in threading.enumerate() if thread.name == f"reaper-{pid}"]
        os.kill(pid, signal.SIGKILL)
        reaper.join()
        process.submit(int).result()  # waits until the phonemizer process has been replaced
        assert process.pid != pid


def test_program_that_ends_at_once_is_not_started_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends before it has answered a request is not replaced until the next request."""
    started = counted_starts(monkeypatch)
    monkeypatch.setattr(client, "_MODULE", "wyoming_piper_serial.nonexistent")
    with running() as process:
        for most in (3, 6):
            with pytest.raises(PhonemizerDied):
                ask(process, "a")
            process.submit(lambda: None).result()  # waits until any start of a process in the background is complete
            for child in started:
                child._process.wait()
            wait_for_reapers(started)
            process.submit(lambda: None).result()
            assert len(started) <= most


def test_process_that_loses_memory_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The espeak-ng process is replaced after a fixed number of requests. No request fails because of the
    replacement."""
    started = counted_starts(monkeypatch)
    monkeypatch.setattr(client, "_MAX_REQUESTS", {"espeak": 3})
    with running() as process:
        for _ in range(9):
            assert ask(process, "a")
        pids = {child.pid for child in started}
        assert process.pid in pids
        for pid in pids - {process.pid}:
            assert_no_zombie(pid)
    assert len(started) == 3


def test_process_without_memory_is_replaced() -> None:
    """A request that needs too much memory fails, and a new process answers the next request."""
    with running(memory=64 << 20) as process:
        assert ask(process, "a")
        pid = process.pid
        with pytest.raises(PhonemizerDied):
            ask(process, "a" * 30_000_000)
        assert ask(process, "a")
        assert process.pid != pid


def test_time_of_a_request_is_measured() -> None:
    """`spent` is the fraction of the processor time limit that the last request used. If the process died, `spent` is
    the full fraction that the request was allowed to use."""
    with running(seconds=5.0) as process:
        assert ask(process, "a")
        assert 0.0 < process.submit(lambda: process.spent).result() < 0.2
        request = {"voice": "en-us", "folder": "", "text": _SLOW}
        with pytest.raises(PhonemizerDied):
            process.submit(partial(process.ask, request, share=0.01)).result()
        assert process.submit(lambda: process.spent).result() == 0.01


def test_signals_of_a_terminal_do_not_end_the_process() -> None:
    """The process ignores SIGINT and SIGTERM, because a terminal or systemd sends these signals to all processes of the
    server."""
    with running() as process:
        assert ask(process, "a")
        pid = pid_of(process)
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
        assert ask(process, "a")
        assert process.pid == pid


def test_process_does_not_outlive_the_server() -> None:
    """If the server is killed, its phonemizer process exits by itself."""
    server = """
import sys
from wyoming_piper_serial.phonemes.client import PhonemizerProcess
process = PhonemizerProcess("espeak", seconds=1.0, memory=1 << 30)
process.submit(process.ask, {"voice": "en-us", "folder": "", "text": "a"}).result()
print(process.pid, flush=True)
sys.stdin.read()
"""
    command = [sys.executable, "-c", server]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:  # noqa: S603 -- fixed
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
        wait_for_end(pid)


def test_process_inherits_no_connection() -> None:
    """Of the server's open files, the phonemizer process inherits only standard error, even if other files are
    inheritable."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    try:
        with running() as process:
            assert ask(process, "a")
            names = [file.readlink() for file in Path(f"/proc/{process.pid}/fd").iterdir()]
            assert Path(f"/proc/self/fd/{writer}").readlink() not in names
    finally:
        os.close(reader)
        os.close(writer)
