"""What all HTTP requests share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from wyoming_piper_serial.observe.metrics import Snapshot
from wyoming_piper_serial.observe.timeline import Activity
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.synthesis import Synthesizer
from wyoming_piper_serial.voices.registry import VoiceRegistry


@dataclass(frozen=True, kw_only=True)
class HttpContext:
    """The server's other parts, as the HTTP side sees them."""

    settings: Settings
    synthesizer: Synthesizer
    registry: VoiceRegistry
    snapshot: Callable[[], Snapshot]
    activity: Callable[[], Activity]
    state: Callable[[], HealthState]
    unhealthy_reason: Callable[[], str | None]
    """What keeps the voice from speaking, in plain words."""

    error_sent: Callable[[str], None]
    """Counts an error that a client was told, by its code."""

    provider: str
    """What the models run on."""

    draining: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server is ending."""
