"""The command `health`: checks whether a server answers and can speak."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from wyoming.event import Event
from wyoming.info import Describe, Info

from wyoming_piper_serial.cli import FAILED
from wyoming_piper_serial.cli.client import ClientError, add_uri_option, connected, next_event, run
from wyoming_piper_serial.cli.running import NoServer, uri_of


def main(argv: Sequence[str]) -> int:
    """Runs `health ...` and returns the exit code: 0 if the server is healthy, 130 after Ctrl-C, and otherwise 1.

    Prints the reason for exit code 1 on standard error.
    """
    parser = argparse.ArgumentParser(
        prog="wyoming-piper-serial health",
        description="Exit with 0 if the server answers and is healthy, otherwise with 1.",
    )
    add_uri_option(parser)
    parser.add_argument(
        "--timeout",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="maximum time for the server to answer (default: 5)",
    )
    parser.add_argument(
        "--process",
        type=int,
        metavar="PID",
        help="use the address that the server with this process number was started with; in a container, it is 1",
    )
    args = parser.parse_args(argv[1:])
    try:
        uri = args.uri if args.process is None else uri_of(args.process)
    except NoServer as error:
        print(f"health: {error}", file=sys.stderr)
        return FAILED
    if uri == "stdio://":
        return 0  # there is no address, and the process exists
    return run("health", uri, check(uri, args.timeout))


async def check(uri: str, timeout: float) -> None:  # noqa: ASYNC109  # the timeout is the command's own option
    """Asks the server at `uri` whether it is healthy.

    Raises ClientError if it is not, and TimeoutError after `timeout` seconds.
    """
    async with asyncio.timeout(timeout), connected(uri) as client:
        await client.write_event(Describe().event())
        event = await next_event(client)
        if not Info.is_type(event.type) or not Info.from_event(event).tts:
            raise ClientError("the server answered, but it offers no text-to-speech")
        await client.write_event(Event("health"))
        health = await next_event(client)
        if health.type != "health" or not health.data.get("healthy"):
            raise ClientError(f"the server answered, but {health.data.get('text') or 'it is not healthy'}")
