"""The server objects that the HTTP endpoints share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wyoming_piper_serial.observe.metrics import Snapshot
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.observe.timeline import Activity
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.pronunciation import Readers
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.synthesis import Synthesizer
from wyoming_piper_serial.voices.catalogue import VoiceKey
from wyoming_piper_serial.voices.changes import VoiceChanges
from wyoming_piper_serial.voices.failures import VoiceState
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.uploads import Uploads


@dataclass(kw_only=True)
class HttpContext:
    """The server objects that HTTP requests use."""

    settings: Settings
    """The current settings. They are replaced when the options are read again, so endpoints must read them during each
    request."""

    synthesizer: Synthesizer
    registry: VoiceRegistry
    changes: VoiceChanges
    uploads: Uploads
    voice_states: Callable[[], Mapping[VoiceKey, VoiceState]]
    """Returns the state of each voice that is in memory, is being loaded or could not be loaded."""

    readers: Readers
    snapshot: Callable[[], Snapshot]
    activity: Callable[[], Activity]
    state: Callable[[], HealthState]
    unhealthy_reason: Callable[[], str | None]
    """Returns the reason why the engine cannot speak, such as `a step of the voice has been running for 90 seconds`, or
    `None` if it can."""

    reporter: Reporter
    shutdown: Shutdown
    provider: str
    """What runs the models, such as `CPU, 4 threads`."""
