"""Lets processes run only for a fraction of the time, to simulate a slow machine. Used by `slow.py`.

    python throttle.py SHARE PID [PID ...]

If all processes are bound to the same core, a thread with real-time priority keeps this core busy for the rest of every
24 ms. The kernel then treats the processes as on a slow core: it does not change the order in which their threads run.

If the processes may use several cores, or if this user may not use real-time priority, the processes are stopped and
continued with signals (SIGSTOP and SIGCONT) instead. Signals are less precise: the kernel can let one thread of a
process wait for a second after such stops, and the process runs on until its main thread has received the signal.

A line is written to the standard output when the limit is in force. The limit ends when the standard input is closed.
This is a separate program, because the benchmark itself receives audio at the same time.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence

PERIOD = 0.024  # duration in seconds of a cycle in which the processes run and are stopped


def limit(share: float, stop: Callable[[float], None], over: threading.Event) -> None:
    """Call `stop` in each cycle until `over` is set. `stop` keeps the processes from running until the time that it is
    given, on the clock `time.monotonic`.

    The cycles begin at fixed times, so that a late call does not change the average share.
    """
    begin = time.monotonic()
    print("limited", flush=True)
    while not over.is_set():
        stop(begin + PERIOD * (1 - share))
        begin += PERIOD
        _sleep_until(begin)


def keep_busy(until: float) -> None:
    """Use this thread's core until the time `until`."""
    while time.monotonic() < until:
        pass


def suspend(pids: Sequence[int], until: float) -> None:
    """Stop the processes `pids` until the time `until`."""
    _send(signal.SIGSTOP, pids)
    try:
        _sleep_until(until)
    finally:
        _send(signal.SIGCONT, pids)


def _send(number: int, pids: Sequence[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _sleep_until(when: float) -> None:
    time.sleep(max(0.0, when - time.monotonic()))


def _takes_core(pids: Sequence[int]) -> bool:
    """Give this thread real-time priority on the only core of the processes `pids`. Return whether this is possible."""
    cores = set[int]().union(*map(os.sched_getaffinity, pids))
    if len(cores) > 1:
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setaffinity(0, cores)
    return True


def _run(share: float, pids: Sequence[int], over: threading.Event) -> None:
    if _takes_core(pids):
        limit(share, keep_busy, over)
    else:
        print("throttle.py: no real-time priority on a single core, so signals are used", file=sys.stderr)
        limit(share, lambda until: suspend(pids, until), over)


def main() -> None:
    over = threading.Event()
    thread = threading.Thread(target=_run, args=(float(sys.argv[1]), list(map(int, sys.argv[2:])), over))
    thread.start()
    sys.stdin.read()
    over.set()
    thread.join()


if __name__ == "__main__":
    main()
