"""After a download, the command `voices` says whether a running server offers the downloaded voices."""

import asyncio
from pathlib import Path

import pytest
from wyoming.event import Event

from tests.cli.serving import HANG_UP, Answer, serving
from tests.cli.test_health import info
from wyoming_piper_serial.cli.offering import who_offers


async def ask(answer: Answer, *names: str) -> str:
    """Return the result of `who_offers` for a server that responds to each `describe` event with `answer`. In the
    result, `URI` replaces the server's address. The server is asked once, and has a minute to respond."""
    async with serving({"describe": answer}) as server:
        found = await asyncio.to_thread(who_offers, server.uri, names, patience=0, period=60)
    return found.replace(server.uri, "URI")


async def test_server_that_offers_the_voices() -> None:
    """If the server offers all of the downloaded voices, the message says so."""
    assert await ask([info("joe", "amy")], "amy") == "The server at URI offers the voice now."
    assert await ask([info("joe", "amy")], "amy", "joe") == "The server at URI offers the voices now."


@pytest.mark.parametrize("answer", [info("joe"), Event("pong")])
async def test_server_of_other_folders(answer: Event) -> None:
    """If the server does not offer the downloaded voice in time, the message says that the server looks in other
    folders or runs as another user, and what to do."""
    assert await ask([answer], "amy") == (
        "The server at URI does not offer the voice: it looks in other folders, or runs as another user. Repeat the "
        "command with the server's --data-dir, --download-dir or --config."
    )


async def test_server_is_asked_until_it_has_found_the_voice() -> None:
    """The server is queried repeatedly, because it needs a few seconds to find a new voice."""
    async with serving({"describe": [info("joe")]}) as server:
        asking = asyncio.create_task(asyncio.to_thread(who_offers, server.uri, ["amy"], patience=60, period=0.001))
        for _ in range(3):
            await server.next("describe")
        server.answers["describe"] = [info("amy")]
        assert (await asking).endswith("offers the voice now.")


@pytest.mark.parametrize("uri", ["stdio://", "unix:///nowhere/at/all", "nonsense"])
def test_without_a_server_the_next_one_is_meant(uri: str) -> None:
    """If no server answers, the message says that a server with the same options will offer the downloaded voice."""
    expected = f"No server answers at {uri}. A server that is started with the same options offers the voice."
    assert who_offers(uri, ["amy"]) == expected


async def test_server_that_hangs_up_counts_as_none(tmp_path: Path) -> None:
    """If the program at the server's address closes the connection, the message is the same as without a server."""
    assert (await ask([HANG_UP], "amy")).startswith("No server answers at URI.")
