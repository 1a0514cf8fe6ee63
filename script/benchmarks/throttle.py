"""Lets processes run only for a fraction of the time, to simulate a slow machine. Used by `slow.py`.

    python throttle.py SHARE PID [PID ...]

This program uses real-time scheduling if the user is permitted to use it. Otherwise, processes that keep all cores busy
delay the signals that stop them by several milliseconds.

Every 24 ms, signals stop and continue the processes, until the standard input is closed. This is a separate program,
because the benchmark itself receives audio at the same time, which would delay the signals.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

PERIOD = 0.024  # duration in seconds of a cycle in which the processes are stopped and continued


def _send(number: int, pids: Sequence[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def throttle(share: float, pids: Sequence[int], over: threading.Event) -> None:
    """Stop and continue the processes until `over` is set. Afterwards, all processes are running.

    The cycles begin at fixed times, so that a late signal does not change the average share.
    """
    begin = time.monotonic()
    try:
        while not over.is_set():
            _send(signal.SIGSTOP, pids)
            _sleep_until(begin + PERIOD * (1 - share))
            _send(signal.SIGCONT, pids)
            begin += PERIOD
            _sleep_until(begin)
    finally:
        _send(signal.SIGCONT, pids)


def _sleep_until(when: float) -> None:
    time.sleep(max(0.0, when - time.monotonic()))


def main() -> None:
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    over = threading.Event()
    thread = threading.Thread(target=throttle, args=(float(sys.argv[1]), list(map(int, sys.argv[2:])), over))
    thread.start()
    sys.stdin.read()
    over.set()
    thread.join()


if __name__ == "__main__":
    main()
