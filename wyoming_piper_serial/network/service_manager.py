"""Communicates with the service manager that started the server, such as systemd: receives sockets from the service
manager, and sends the server's state to it.

The protocols are described in sd_listen_fds(3) and sd_notify(3). These protocols are so simple that no library is
needed.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.address import Address

_LOGGER = logging.getLogger(__name__)

WYOMING, HTTP = "wyoming", "http"
"""Names of the sockets for the two servers (`FileDescriptorName=`)."""

_FIRST_DESCRIPTOR = 3  # the constant SD_LISTEN_FDS_START of systemd
_PATIENCE = 1.0  # maximum time in seconds to send a message; the service manager usually accepts it at once


class ServiceManager:
    """The service manager of this process. If there is none, no sockets are passed, and messages are discarded."""

    def __init__(
        self,
        *,
        notify_address: str | None = None,
        watchdog: float | None = None,
        sockets: Mapping[str, tuple[socket.socket, ...]] | None = None,
    ) -> None:
        """`notify_address` is the path of a datagram socket, or `@` followed by a name in the abstract namespace.
        `watchdog` is the watchdog timeout in seconds, or `None` if no keep-alive messages are expected."""
        self._notify_address = notify_address
        self._watchdog = watchdog
        self._sockets = sockets or {}
        self._status = ""  # the last status that was sent, except for the reports of `watch`

    @classmethod
    def from_environment(
        cls, environ: MutableMapping[str, str], *, pid: int, first: int = _FIRST_DESCRIPTOR
    ) -> "ServiceManager":
        """Returns the service manager described by the variables in `environ`. `pid` is the number of this process,
        and `first` is the number of the first passed file descriptor. Ignores watchdogs and sockets of other
        processes.

        Removes the variables from `environ`, so that child processes do not use them. Raises SettingsError if a
        passed socket cannot be used or has an unknown name.
        """
        taken = {
            name: environ.pop(name, "")
            for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID")
        }
        watchdog = None
        if taken["WATCHDOG_USEC"].isdecimal() and taken["WATCHDOG_PID"] in {"", str(pid)}:
            watchdog = int(taken["WATCHDOG_USEC"]) / 1e6 or None
        sockets: dict[str, tuple[socket.socket, ...]] = {}
        if taken["LISTEN_FDS"].isdecimal() and taken["LISTEN_PID"] == str(pid):
            descriptors = range(first, first + int(taken["LISTEN_FDS"]))
            for name, passed in _passed(descriptors, taken["LISTEN_FDNAMES"]):
                sockets[name] = (*sockets.get(name, ()), passed)
        return cls(notify_address=taken["NOTIFY_SOCKET"] or None, watchdog=watchdog, sockets=sockets)

    def address(self, name: str) -> Address | None:
        """Returns an address with all sockets named `name`, or `None` if none were passed. The host and the port, or
        the path, are those of the first socket."""
        sockets = self._sockets.get(name, ())
        if not sockets:
            return None
        own = sockets[0].getsockname()
        if sockets[0].family == socket.AF_UNIX:
            return Address("unix", path=own if isinstance(own, str) else os.fsdecode(own), sockets=sockets)
        return Address("tcp", host=own[0], port=own[1], sockets=sockets)

    async def notify(self, *assignments: str) -> None:
        """Sends assignments such as `READY=1`. If this fails, logs a warning and continues, because the server still
        works."""
        self._status = next((one for one in reversed(assignments) if one.startswith("STATUS=")), self._status)
        await self._send(*assignments)

    async def _send(self, *assignments: str) -> None:
        if self._notify_address is None:
            return
        name = self._notify_address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.connect("\0" + name[1:] if name.startswith("@") else name)
                async with asyncio.timeout(_PATIENCE):
                    await asyncio.get_running_loop().sock_sendall(sender, "\n".join(assignments).encode())
        except (OSError, ValueError) as error:
            _LOGGER.warning("Cannot send %s to the service manager: %r", assignments[0], error)

    async def watch(self, unhealthy_reason: Callable[[], str | None]) -> None:
        """Sends keep-alive messages while `unhealthy_reason` returns `None`, until the task is cancelled. When it
        returns a new reason, sends the reason as the status. When it returns `None` again, sends the previous status.
        If the service manager expects no keep-alive messages, returns immediately.

        The messages are sent from the event loop, so the service manager also restarts a server whose event loop hangs.
        """
        reported: str | None = None
        while self._watchdog is not None:
            reason = unhealthy_reason()
            if reason is None:
                await self._send("WATCHDOG=1", *([self._status] if reported is not None and self._status else []))
            elif reason != reported:
                await self._send(f"STATUS=Not healthy: {reason}")
            reported = reason
            # Half of the watchdog timeout, as sd_watchdog_enabled(3) recommends.
            await asyncio.sleep(self._watchdog / 2)


def _passed(descriptors: Sequence[int], names: str) -> Iterator[tuple[str, socket.socket]]:
    """Yields the name and the socket for each passed descriptor. Raises SettingsError if a socket is unusable or has an
    unknown name."""
    found = names.split(":")
    for number, descriptor in enumerate(descriptors):
        name = found[number] if number < len(found) else ""
        if name not in {WYOMING, HTTP}:
            raise SettingsError(
                f"The service manager passed a socket named {name!r:.80}: set FileDescriptorName={WYOMING} or "
                f"FileDescriptorName={HTTP}, each in a .socket unit of its own."
            )
        try:
            passed = socket.socket(fileno=descriptor)
        except OSError as error:
            raise _unusable(name) from error
        passed.set_inheritable(False)
        passed.setblocking(False)
        families = {socket.AF_INET, socket.AF_INET6} | ({socket.AF_UNIX} if name == WYOMING else set())
        listens = passed.type == socket.SOCK_STREAM and passed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if not listens or passed.family not in families:
            passed.close()
            raise _unusable(name)
        yield name, passed


def _unusable(name: str) -> SettingsError:
    return SettingsError(
        f"The service manager passed something named {name} that is not a listening TCP socket: use ListenStream= with "
        "a port, and Accept=no."
    )
