"""Functions that switch the measurement of coverage on and off."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tracing:
    """The trace functions with which `coverage` measures. `None` means that nothing is measured."""

    here: Any = None
    """The function of the current thread."""
    new_threads: Any = None
    """The function with which new threads begin."""

    @property
    def active(self) -> bool:
        return self.here is not None


def current_tracing() -> Tracing:
    return Tracing(sys.gettrace(), threading.gettrace())


@contextlib.contextmanager
def traced_by(tracing: Tracing) -> Iterator[None]:
    """Set the trace functions of this thread and of new threads in a context.

    A trace function makes all Python code take about twice as long. `Coverage.stop` and `start` are not used, because
    `start` creates another trace function.
    """
    before = current_tracing()
    _set(tracing)
    try:
        yield
    finally:
        _set(before)


def _set(tracing: Tracing) -> None:
    threading.settrace(tracing.new_threads)
    sys.settrace(tracing.here)


def untraced() -> contextlib.AbstractContextManager[None]:
    """Return a context in which this thread and new threads do not measure coverage."""
    return traced_by(Tracing())
