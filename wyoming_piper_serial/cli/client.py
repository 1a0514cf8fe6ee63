"""Connects to a running server for the commands `say` and `health`."""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Coroutine

from wyoming.client import AsyncClient
from wyoming.event import Event

from wyoming_piper_serial.cli import FAILED, INTERRUPTED
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import Group, grouped

_URI = grouped(Settings)[Group.SERVER]["uri"]


class ClientError(Exception):
    """The command has failed. The message is shown to the user."""


def add_uri_option(parser: argparse.ArgumentParser) -> None:
    """Adds `--uri`. The option has the same default and the same environment variable as for the server.

    In the server's environment, a health check therefore needs no options.
    """
    default = os.environ.get(_URI.variable, _URI.default)
    parser.add_argument("--uri", default=default, help="address of the server (default: %(default)s)")


def run(command: str, uri: str, work: Coroutine[object, object, None]) -> int:
    """Runs `work`, the coroutine of a command, and returns the exit code. Prints one line on standard error if it
    fails."""
    try:
        asyncio.run(work)
    except TimeoutError:
        print(f"{command}: no answer from {uri}", file=sys.stderr)
        return FAILED
    except (ClientError, OSError, EOFError) as error:
        print(f"{command}: {str(error) or 'the connection was lost'}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


@contextlib.asynccontextmanager
async def connected(uri: str) -> AsyncIterator[AsyncClient]:
    """Connects to the server at `uri` while the context is active. Raises ClientError."""
    try:
        client = AsyncClient.from_uri(uri)
    except ValueError as error:
        raise ClientError(f"--uri {uri!r}: must be tcp://HOST:PORT or unix://PATH") from error
    try:
        await client.connect()
    except OSError as error:
        raise ClientError(f"no server at {uri} ({error.strerror or error})") from error
    try:
        yield client
    finally:
        with contextlib.suppress(OSError):
            await client.disconnect()


async def next_event(client: AsyncClient) -> Event:
    """Returns the next event from the server.

    Raises ClientError if the connection ends or the received bytes are not an event.
    """
    try:
        event = await client.read_event()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The library does not check the values that it reads, so it can raise any of these errors.
        raise ClientError("the answer is not in the Wyoming protocol") from error
    if event is None:
        raise ClientError("the server closed the connection")
    return event
