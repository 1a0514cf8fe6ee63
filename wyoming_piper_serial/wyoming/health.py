"""The reply to a `health` event, which states whether the voice works."""

from collections.abc import Callable

from wyoming_piper_serial.observe.tasks import TaskCount
from wyoming_piper_serial.wyoming.wire import encode


class HealthReply:
    """Creates encoded `health` events."""

    def __init__(self, unhealthy_reason: Callable[[], str | None], *, tasks: TaskCount | None = None) -> None:
        """`unhealthy_reason` returns the reason why the voice does not work, or `None` if it works."""
        self._unhealthy_reason = unhealthy_reason
        self._tasks = tasks or TaskCount()

    @property
    def event(self) -> bytes:
        """The encoded `health` event with the current state of the server. The number of tasks in this event is at most
        one second old."""
        reason = self._unhealthy_reason()
        return encode("health", {"healthy": reason is None, "text": reason, "tasks": self._tasks.count()})
