"""Connects to a running server for the commands `say`, `health` and `voices`."""

import argparse
import asyncio
import contextlib
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace

from wyoming.client import AsyncClient
from wyoming.event import Event

from wyoming_piper_serial.cli import FAILED, INTERRUPTED, PROGRAM
from wyoming_piper_serial.cli.arguments import CONFIG
from wyoming_piper_serial.cli.command_parser import CommandParser, parsed
from wyoming_piper_serial.cli.parser import located
from wyoming_piper_serial.cli.terminal import Color, painted
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.address import Address, is_loopback, parse_uri
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import Group, grouped

URI = replace(grouped(Settings)[Group.SERVER]["uri"], help_text="address of the server: tcp://HOST:PORT or unix://PATH")
_CONFIG = replace(CONFIG, help_text="the server's file with options")
_CONNECT_TIMEOUT = 10.0  # maximum time to connect, in seconds; on a local network, milliseconds are enough

# Maps each address that means "all interfaces" to the loopback address at which a client on this machine can connect.
_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- nothing is bound here


class ClientError(Exception):
    """Raised if a command fails. The message is shown to the user."""


def add_server(parser: CommandParser) -> None:
    """Adds the options that locate the server: `--uri` and `--config`.

    Their defaults and environment variables are the same as for the server, so a health check that runs in the server's
    environment needs no options.
    """
    parser.add_server_options((URI, _CONFIG), group="the server")


def server_uri(command: str, args: argparse.Namespace) -> str:
    """Returns the server's address from the command line, the environment or the config file.

    Exits with code 1 if the address is invalid or is `stdio://`, or with code 2 if a server option is invalid.
    """
    settings, places = parsed(args)
    try:
        return str(reachable(parse_uri(settings.uri, schemes=("tcp", "unix"))))
    except SettingsError as error:
        report(command, located(str(error), places))
        sys.exit(FAILED)


def reachable(address: Address) -> Address:
    """Returns the address for connecting from this machine to a server that listens on `address`."""
    return replace(address, host=_THIS_MACHINE.get(address.host, address.host))


def run(command: str, uri: str, work: Coroutine[object, object, None]) -> int:
    """Runs `work`, the coroutine of a command, and returns the exit code. If the command fails, prints one line on
    standard error."""
    try:
        asyncio.run(work)
    except TimeoutError:
        report(command, f"no answer from {uri}")
    except (ClientError, OSError, EOFError) as error:
        report(command, _in_words(error) or "the connection was lost")
    except KeyboardInterrupt:
        return INTERRUPTED
    else:
        return 0
    return FAILED


def report(command: str, message: str) -> None:
    """Prints the reason for the failure of a command on one line."""
    print(f"{painted(f'{command}:', Color.RED, sys.stderr)} {' '.join(message.splitlines())}", file=sys.stderr)


@contextlib.asynccontextmanager
async def connected(uri: str) -> AsyncIterator[AsyncClient]:
    """Connects to the server at `uri`, and disconnects when the context ends. Raises ClientError if the server cannot
    be reached or resets the connection."""
    client = AsyncClient.from_uri(uri)
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT):
            await client.connect()
    except TimeoutError as error:
        raise ClientError(f"no server at {uri} (no answer within {_CONNECT_TIMEOUT:g} seconds)") from error
    except OSError as error:
        raise ClientError(_unreachable(uri, error)) from error
    try:
        yield client
    except ConnectionResetError as error:
        raise ClientError(_hung_up(uri)) from error
    finally:
        with contextlib.suppress(OSError):
            await client.disconnect()


async def next_event(client: AsyncClient, uri: str) -> Event:
    """Returns the next event from the server at `uri`.

    Raises ClientError if the connection is closed or the received bytes are not a valid event. Raises EOFError if the
    connection is closed within the data or the payload of an event, and OSError if it is lost.
    """
    try:
        event = await client.read_event()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The wyoming library does not check the values that it reads, so it can raise any of these errors.
        raise ClientError(
            f"the response from {uri} is not a Wyoming event. Is this the port of the web page?"
        ) from error
    if event is None:
        raise ClientError(_hung_up(uri))
    return event


def _hung_up(uri: str) -> str:
    return (
        f"the server at {uri} closed the connection. "
        "Is this its Wyoming port, and does its --allow option permit this machine?"
    )


def _in_words(error: Exception) -> str:
    """Returns the message of `error`, without the number of an operating system error."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"


def _unreachable(uri: str, error: OSError) -> str:
    """Returns a message that explains why the connection to `uri` failed, and what to do."""
    address = parse_uri(uri, schemes=("tcp", "unix"))
    if isinstance(error, socket.gaierror):
        return f"cannot resolve the host name {address.host!r} ({error.strerror})"
    # asyncio adds the address to the message. If a host name has several addresses, asyncio combines the errors for all
    # of them into one message.
    number = re.search(r"\[Errno (\d+)\]", str(error))
    reason = os.strerror(int(number[1])) if number else str(error)
    if address.scheme == "unix" or is_loopback(address.host):
        return f"no server at {uri} ({reason}). To start it: {PROGRAM}"
    return f"no server at {uri} ({reason}). Is it running with --uri tcp://0.0.0.0:{address.port}?"
