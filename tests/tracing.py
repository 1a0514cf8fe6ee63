"""Functions that switch the measurement of coverage on and off."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def traced_by(function: Any) -> Iterator[None]:
    """Set the trace function of this thread in a context.

    `coverage` measures with a trace function, which makes all Python code take about twice as long. Without it, nothing
    is measured. `Coverage.stop` and `start` are not used, because `start` creates another trace function and switches
    on the measurement of child processes.
    """
    before = sys.gettrace()
    sys.settrace(function)
    try:
        yield
    finally:
        sys.settrace(before)


def untraced() -> contextlib.AbstractContextManager[None]:
    """Return a context in which this thread does not measure coverage."""
    return traced_by(None)
