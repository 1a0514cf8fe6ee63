"""What downloads of voices and of samples have in common."""

import asyncio
from typing import TypeVar

from wyoming_piper_serial.exceptions import DownloadFailed, PiperSerialError
from wyoming_piper_serial.settings import Downloading

T = TypeVar("T")


def check_online(settings: Downloading, what: str) -> None:
    """Raises DownloadFailed with `--offline`. `what` describes the download in the error message."""
    if settings.offline:
        raise DownloadFailed(what, "this server is offline", "--offline")


async def shared(download: "asyncio.Task[T]") -> T:
    """Returns the result of a task for which several callers wait. The task continues even if all callers are
    cancelled. Each caller gets its own copy of a PiperSerialError."""
    try:
        return await asyncio.shield(download)
    except PiperSerialError as error:
        raise error.copy() from error
