"""Finds reference cycles that the package leaves behind."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def cyclic_garbage() -> Iterator[list[object]]:
    """Yield a list. At the end of the context, it contains the objects of the package's classes that only the garbage
    collector can free.

    Objects that existed before are not examined.
    """
    found: list[object] = []
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found += [one for one in gc.garbage if type(one).__module__.startswith("wyoming_piper_serial.")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
