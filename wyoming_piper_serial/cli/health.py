"""The command `health`: checks whether a server answers and can speak."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from wyoming.event import Event
from wyoming.info import Describe, Info, TtsProgram

from wyoming_piper_serial.cli import FAILED, PROGRAM
from wyoming_piper_serial.cli.client import ClientError, add_server, connected, next_event, report, run, server_uri
from wyoming_piper_serial.cli.command_parser import CommandParser
from wyoming_piper_serial.cli.running import NoServer, uri_of
from wyoming_piper_serial.cli.terminal import Color, painted
from wyoming_piper_serial.cli.values import number
from wyoming_piper_serial.wording import counted

_SHOWN = 3  # maximum number of voices to list


def main(argv: Sequence[str]) -> int:
    """Runs `health ...` and returns the exit code: 0 if the server is healthy, 1 if it is not, 2 for invalid arguments,
    or 130 after Ctrl-C.

    Prints the result on standard output, except with `--quiet` and for a `stdio://` server. Prints the reason for exit
    code 1 on standard error.
    """
    args = parser().parse_args(argv[1:])
    try:
        uri = server_uri("health", args) if args.process is None else uri_of(args.process)
    except NoServer as error:
        report("health", str(error))
        return FAILED
    if uri == "stdio://":
        return 0  # A stdio server has no address to connect to. It is enough that its process exists.
    return run("health", uri, _report(uri, args))


def parser() -> CommandParser:
    made = CommandParser(
        prog=f"{PROGRAM} health",
        description="Check whether a running server answers and can speak. The exit code is 0 if so, and 1 if not.",
    )
    made.add_argument(
        "--timeout",
        type=number(0, 3600),
        default=5.0,
        metavar="SECONDS",
        help="maximum time for the server to answer (default: 5)",
    )
    made.add_argument("--quiet", action="store_true", help="print nothing if the server is healthy")
    made.add_argument(
        "--process",
        type=int,
        metavar="PID",
        help="use the address of the server with this process ID (1 in a container)",
    )
    add_server(made)
    return made


async def _report(uri: str, args: argparse.Namespace) -> None:
    found = await check(uri, args.timeout)
    if not args.quiet:
        print(f"{painted('healthy:', Color.GREEN, sys.stdout)} {uri} {found}")


async def check(uri: str, timeout: float) -> str:  # noqa: ASYNC109  # the timeout is the command's own option
    """Checks the health of the server at `uri`. Returns a description of what the server offers.

    Raises ClientError if the server is not healthy, TimeoutError after `timeout` seconds, and the errors of `connected`
    and `next_event`.
    """
    async with asyncio.timeout(timeout), connected(uri) as client:
        await client.write_event(Describe().event())
        event = await next_event(client, uri)
        programs = Info.from_event(event).tts if Info.is_type(event.type) else []
        if not programs:
            raise ClientError("the server answered, but it offers no text-to-speech")
        await client.write_event(Event("health"))
        health = await next_event(client, uri)
        if health.type != "health" or not health.data.get("healthy"):
            raise ClientError(f"the server answered, but {health.data.get('text') or 'it is not healthy'}")
    return _offer(programs[0])


def _offer(program: TtsProgram) -> str:
    names = [voice.name for voice in program.voices if voice.installed]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    voices = f"{counted(len(names), 'voice')}: {', '.join(names[:_SHOWN])}{more}"
    version = f", version {program.version}" if program.version else ""
    return f"can speak with {voices if names else 'no voice'}{version}"
