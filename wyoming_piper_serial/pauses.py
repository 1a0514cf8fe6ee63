"""Keeps the pauses of the event loop short: garbage collections examine few objects, and threads switch often."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator, Callable

from wyoming_piper_serial.background import in_background
from wyoming_piper_serial.shutdown import cancel

# Arguments of `gc.set_threshold`. The first two mean that an automatic collection examines about 2500 objects or fewer:
# those of five collections of the youngest generation. The third prevents automatic full collections, whose duration
# is proportional to the number of all objects.
_COLLECTIONS = (500, 3, 2**31 - 1)
_SWITCH_INTERVAL = 0.0005  # Seconds after which a thread that runs Python code yields to the event loop.

_LOOK_PERIOD = 1.0  # Seconds between two checks whether a full collection is due.
_FEW_CONNECTIONS = 32  # With so few open connections, a full collection takes a few milliseconds.

# Numbers of partial collections after which a full collection is due, with few open connections and with many. A
# partial collection moves up to 2500 objects to the generation that only full collections examine. A few of these
# objects become garbage later: about 7 per connection, which take 2 kB.
_DUE = 5
_OVERDUE = 2000


@contextlib.asynccontextmanager
async def short_pauses(open_connections: Callable[[], int]) -> AsyncIterator[None]:
    """Keeps the pauses of the event loop short. A garbage collection stops all threads for 1 ms per 1500 objects.

    The objects that exist when the context is entered, about 50,000, are excluded from collection. Other objects are
    examined soon after they are created, and again in full collections. These usually run while few connections are
    open (see `is_due`).
    """
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    collecting = in_background(_collect_fully(open_connections))
    try:
        yield
    finally:
        await cancel(collecting)
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)


async def _collect_fully(open_connections: Callable[[], int]) -> None:
    while True:
        await asyncio.sleep(_LOOK_PERIOD)
        if is_due(gc.get_count()[2], open_connections()):
            gc.collect()


def is_due(partial_collections: int, open_connections: int) -> bool:
    """Returns whether a full garbage collection is due. `partial_collections` is the number of collections of the
    middle generation since the last full collection.

    An open connection consists of up to 400 objects, so a full collection takes up to 0.3 ms for each connection. While
    more than 32 connections are open, a full collection is postponed until 1000 partial collections have taken place.
    """
    return partial_collections >= (_DUE if open_connections <= _FEW_CONNECTIONS else _OVERDUE)
