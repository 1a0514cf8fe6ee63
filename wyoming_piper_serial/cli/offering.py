"""Checks whether a running server offers voices that have just been downloaded."""

import asyncio
from collections.abc import Sequence

from wyoming.info import Describe, Info

from wyoming_piper_serial.cli.client import ClientError, connected, next_event, reachable
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.address import parse_uri

# Maximum time until a server offers a new voice, in seconds. The server checks its folders every two seconds, and waits
# until the files have not changed for three seconds.
_PATIENCE = 8.0
_PERIOD = 0.5  # seconds between two queries


def who_offers(uri: str, names: Sequence[str], *, patience: float = _PATIENCE, period: float = _PERIOD) -> str:
    """Returns a sentence that says whether the server at `uri` offers the voices `names`, or that no server answers
    there.

    Waits up to `patience` seconds for the server to find the voices.
    """
    what = "the voice" if len(names) == 1 else "the voices"
    try:
        uri = str(reachable(parse_uri(uri, schemes=("tcp", "unix"))))
        offers = asyncio.run(_offers(uri, set(names), patience, period))
    except (ClientError, OSError, EOFError, SettingsError):
        return f"No server answers at {uri}. A server that is started with the same options offers {what}."
    if offers:
        return f"The server at {uri} offers {what} now."
    return (
        f"The server at {uri} does not offer {what}: it looks in other folders, or runs as another user. Repeat the "
        "command with the server's --data-dir, --download-dir or --config."
    )


async def _offers(uri: str, names: set[str], patience: float, period: float) -> bool:
    """Returns whether the server offers all voices in `names`. Raises ClientError, OSError or EOFError if no server
    answers at `uri`."""
    deadline = asyncio.get_running_loop().time() + patience
    async with connected(uri) as client:
        while True:
            await client.write_event(Describe().event())
            async with asyncio.timeout_at(deadline + period):
                event = await next_event(client, uri)
            found = Info.from_event(event).tts if Info.is_type(event.type) else []
            if names <= {voice.name for program in found for voice in program.voices if voice.installed}:
                return True
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(period)
