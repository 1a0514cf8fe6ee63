"""What every request meets first: other sites' pages, tokens, and the size of bodies."""

from collections.abc import AsyncIterator

import pytest
from starlette.datastructures import Headers

from tests.http.house import error_of, serve
from wyoming_piper_serial.exceptions import ForeignOrigin, Unauthorized
from wyoming_piper_serial.http.edge import bearer, check_origin, check_token
from wyoming_piper_serial.settings import Http, Limits

_SPEAK = "/api/text-to-speech"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "piper:10280"},
        {"host": "piper:10280", "origin": "http://piper:10280"},
        {"host": "172.30.33.1:10280", "x-forwarded-host": "home.example", "origin": "https://home.example"},
        {"host": "a", "x-forwarded-host": "home.example, inner.example", "origin": "https://home.example"},
        {"host": "piper:10280", "origin": "https://friend.example"},
    ],
)
def test_own_pages_programs_and_named_sites_may_ask(headers: dict[str, str]) -> None:
    """Also behind a proxy, such as Home Assistant's ingress, that says for whom it asks."""
    check_origin(Headers(headers), {"https://friend.example"})


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "piper:10280", "origin": "http://evil.example"},
        {"host": "piper:10280", "origin": "http://piper:8080"},
        {"host": "piper:10280", "origin": "null"},
        {"host": "", "origin": "null"},
        {"host": "piper:10280", "origin": "http://friend.example"},
        {"host": "piper:10280", "origin": ""},
        {"host": "piper:10280", "origin": "http://piper:10280@evil.example"},
    ],
)
def test_other_sites_pages_may_not_ask(headers: dict[str, str]) -> None:
    """A scheme, a port or a sandbox makes another site."""
    with pytest.raises(ForeignOrigin):
        check_origin(Headers(headers), {"https://friend.example"})


@pytest.mark.parametrize("given", [None, "", "open", "opensesame2", "ÖpenSesame", "OPENSESAME"])
def test_wrong_tokens_are_refused(given: str | None) -> None:
    """Also ones that are no ASCII, which the constant-time comparison alone would choke on."""
    check_token(None, given)
    check_token("opensesame", "opensesame")
    with pytest.raises(Unauthorized):
        check_token("opensesame", given)


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("abc", None), ("", None), ("Bearer", "")],
)
def test_token_is_read_from_the_header(header: str, token: str | None) -> None:
    """The scheme's case does not matter."""
    assert bearer(Headers({"authorization": header})) == token


async def test_foreign_page_cannot_make_the_server_speak() -> None:
    """A simple POST needs no permission of CORS, so it is refused here; nothing is spoken."""
    async with serve() as house:
        refused = await house.post(_SPEAK, content="Hello.", headers={"Origin": "http://evil.example"})
        assert error_of(refused) == (403, "foreign-origin")
        own = await house.post(_SPEAK, content="Hello.", headers={"Origin": house.base})
        assert own.status_code == 200
        assert len(house.voice.runs) == 1


async def test_named_site_may_ask_and_read() -> None:
    """With --http-cors the preflight and the answer carry permission; without it neither does."""
    preflight = {"Origin": "https://friend.example", "Access-Control-Request-Method": "POST"}
    async with serve(http=Http(cors=("https://friend.example",))) as house:
        allowed = await house.client.options(house.base + _SPEAK, headers=preflight)
        assert allowed.headers["access-control-allow-origin"] == "https://friend.example"
        spoken = await house.post(_SPEAK, content="Hello.", headers={"Origin": "https://friend.example"})
        assert spoken.headers["access-control-allow-origin"] == "https://friend.example"
        refused = await house.post(_SPEAK, content="Hello.", headers={"Origin": "https://other.example"})
        assert error_of(refused) == (403, "foreign-origin")
        assert "access-control-allow-origin" not in refused.headers
    async with serve() as house:
        answer = await house.client.options(house.base + _SPEAK, headers=preflight)
        assert "access-control-allow-origin" not in answer.headers


async def test_long_bodies_are_refused() -> None:
    """By their announced length before they are read, by their real one while they are."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"word " * 20

    async with serve(limits=Limits(max_data=1000)) as house:
        assert error_of(await house.post(_SPEAK, content=b"x" * 1001)) == (413, "text-too-long")
        assert error_of(await house.post(_SPEAK, content=pieces())) == (413, "text-too-long")
        assert error_of(await house.post("/v1/audio/speech", content=pieces())) == (413, "text-too-long")
        assert (await house.post(_SPEAK, content=b"x" * 1000)).status_code == 200


async def test_answers_allow_a_page_nothing_from_elsewhere() -> None:
    """Errors as well."""
    async with serve() as house:
        for path in ("/api/voices", "/nothing"):
            headers = (await house.get(path)).headers
            assert headers["content-security-policy"].startswith("default-src 'self';")
            assert headers["x-content-type-options"] == "nosniff"
