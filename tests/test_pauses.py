"""Short garbage collections and frequent thread switches."""

import asyncio
import contextlib
import gc
import sys
import weakref

import pytest

from wyoming_piper_serial import pauses
from wyoming_piper_serial.pauses import is_due, short_pauses


class Garbage:
    """An object that only the garbage collector can free."""

    def __init__(self) -> None:
        self.itself = self


async def test_settings_are_restored() -> None:
    """The settings of the interpreter are restored at the end of the context, even after an error."""
    before, interval = gc.get_threshold(), sys.getswitchinterval()
    with contextlib.suppress(ZeroDivisionError):
        async with short_pauses(lambda: 0):
            assert gc.get_threshold() != before
            assert sys.getswitchinterval() < interval
            1 / 0  # noqa: B018
    assert gc.get_threshold() == before
    assert sys.getswitchinterval() == interval


@pytest.mark.parametrize(
    ("partial_collections", "open_connections", "due"),
    [(0, 0, False), (4, 0, False), (5, 0, True), (5, 32, True), (5, 33, False), (1999, 400, False), (2000, 400, True)],
)
def test_full_collection_waits_for_few_connections(partial_collections: int, open_connections: int, due: bool) -> None:
    """A full collection is due after a few partial collections if few connections are open, and otherwise after
    many."""
    assert is_due(partial_collections, open_connections) is due


@pytest.mark.usefixtures("quick_collection")
async def test_old_garbage_is_freed_when_a_collection_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Garbage that partial collections no longer examine is freed as soon as few connections are open."""
    monkeypatch.setattr(pauses, "_LOOK_PERIOD", 0)
    monkeypatch.setattr(pauses, "_DUE", 0)
    connections, looked = 33, asyncio.Event()

    def open_connections() -> int:
        looked.set()
        return connections

    async with short_pauses(open_connections):
        alive = Garbage()
        for generation in (0, 1):
            gc.collect(generation)
        garbage = weakref.ref(alive)
        del alive
        await looked.wait()
        gc.collect(1)
        assert garbage() is not None
        connections = 0
        looked.clear()
        await looked.wait()
        await asyncio.sleep(0)
        assert garbage() is None
