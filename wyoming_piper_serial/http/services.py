"""What all HTTP requests share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from wyoming_piper_serial.engine.timeline import Activity
from wyoming_piper_serial.http.status import State
from wyoming_piper_serial.metrics import Snapshot
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.store.offer import Offer
from wyoming_piper_serial.synthesis import Synthesizer


@dataclass(frozen=True, kw_only=True)
class Services:
    """The server's other parts, as the HTTP side sees them."""

    settings: Settings
    synthesizer: Synthesizer
    offer: Offer
    snapshot: Callable[[], Snapshot]
    activity: Callable[[], Activity]
    state: Callable[[], State]
    trouble: Callable[[], str | None]
    """What keeps the voice from speaking, in plain words."""

    error_told: Callable[[str], None]
    """Counts an error that a client was told, by its code."""

    provider: str
    """What the models run on."""

    draining: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server is ending."""
