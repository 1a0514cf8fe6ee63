"""Unauthorized requests never get speech. The tests cover every route of the application, with many spellings and
methods."""

import asyncio
import contextlib
import itertools
import json
import re
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute

from tests.http.serving import HttpBench, serve
from wyoming_piper_serial.http.access import MAY_CHANGE
from wyoming_piper_serial.http.server import endpoints
from wyoming_piper_serial.settings import Http

# Other tests cover the same code, and the measurement of coverage would double the time of these tests.
pytestmark = pytest.mark.unmeasured

_TOKEN = "opensesame"  # noqa: S105  # a test's token
_SPEAKING = {"/api/text-to-speech", "/v1/audio/speech", "/api/stream", "/api/phonemes", "/api/voices/{name}/sample"}
_CHANGING = {
    ("PUT", "/api/voices/default"): '{"name": "fr_FR-crowd-low"}',
    ("PUT", "/api/voices/presets/{name}"): '{"voice": "en_US-fake-medium"}',
    ("DELETE", "/api/voices/presets/{name}"): "",
    ("PUT", "/api/voices/lexicon"): '{"word": "Geis", "spoken": "guys"}',
    ("DELETE", "/api/voices/lexicon"): "",
    ("PUT", "/api/voices/{name}/download"): "",
    ("DELETE", "/api/voices/{name}/download"): "",
    ("DELETE", "/api/voices/{name}"): "",
    ("PUT", "/api/voices/{name}/config"): "{}",
    ("PUT", "/api/voices/{name}/model"): "x",
}
"""The methods and paths of the endpoints that change anything, each with a body."""
_OPEN = {
    *("/", "/page/{name}", "/health", "/health/ready", "/health/live", "/metrics", "/openapi.json"),
    *("/api/voices", "/api/voices/downloads", "/api/voices/rights", "/api/voices/default", "/api/voices/presets"),
    *("/api/voices/lexicon", "/api/activity", "/v1/models", "/v1/models/{model:path}"),
    *("/v1/audio/models", "/v1/audio/voices"),
}
_BODY = json.dumps({"input": "Hello.", "response_format": "wav", "text": "Hello."})
_METHODS = (
    *("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY", "PROPFIND", "PRI"),
    *("get", "Post", "M-SEARCH", "GET/", "X" * 1000),
)
_HOST = "Host: localhost"
_ALLOWED = f"Authorization: Bearer {_TOKEN}"
_FORBIDDEN = {
    "no token": [_HOST],
    "wrong token": [_HOST, f"Authorization: Bearer {_TOKEN}x", f"X-Authorization: Bearer {_TOKEN}"],
    "foreign host": ["Host: evil.example", _ALLOWED],
    "foreign origin": [_HOST, _ALLOWED, "Origin: http://evil.example"],
    "foreign site": [_HOST, _ALLOWED, "Sec-Fetch-Site: cross-site"],
}
_GROUP = 16
"""Number of requests that are sent at the same time. The server serves many more connections of one address."""
_STEPS = {"wrong token": 7, "foreign host": 7, "foreign site": 7}  # tests only every seventh spelling, to save time
_UNCHANGING = {
    "named site": [_HOST, _ALLOWED, "Origin: https://friend.example"],
    "named site in a browser": [_HOST, _ALLOWED, "Origin: https://friend.example", "Sec-Fetch-Site: cross-site"],
    "no token, foreign site": [_HOST, "Sec-Fetch-Site: cross-site"],
    "no token, proxy": [_HOST, "X-Forwarded-For: 192.168.1.5"],
    "no token, address of the network": ["Host: 192.168.1.2:10280"],
    "no token, other name": ["Host: piper"],
}
"""Headers of requests that may speak, but not change anything."""
_WITHOUT_TOKEN = {name for name in _UNCHANGING if name.startswith("no token")}
_UPGRADE = [
    *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
]


def _frame(text: str) -> bytes:
    """Return a WebSocket frame. The mask is 0, so the text is unchanged."""
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode()


_CLOSE = b"\x88\x80\0\0\0\0"
_FRAMES = b"".join(map(_frame, ('{"type": "start"}', '{"type": "text", "text": "Hello."}', '{"type": "end"}'))) + _CLOSE


def all_routes(routes: Iterable[Any]) -> Iterator[BaseRoute]:
    """Yield all routes, including the nested ones: newer versions of FastAPI nest routers and applications."""
    for route in routes:
        nested = getattr(route, "original_router", None) or getattr(route, "app", None)
        inner = getattr(nested, "routes", None)
        if inner:
            yield from all_routes(inner)
        else:
            yield route


def spellings(path: str) -> Iterator[str]:
    """Yield `path`, and other spellings that a server could treat as the same path."""
    first, _, rest = path[1:].partition("/")
    encoded = "".join(f"%{ord(sign):02x}" for sign in path[1:])
    yield path
    for code in (0x00, 0x01, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1F, 0x20, 0x7F, 0x85, 0xA0, 0xAD):
        sign = "".join(f"%{byte:02x}" for byte in chr(code).encode())
        yield from (path + sign, path + sign.upper(), f"/{sign}{path[1:]}", f"/{first}{sign}/{rest}")
    for sign in ("%0d%0a", "%0a%0a", "%e2%80%a8", "%ed%a0%80", "%ff", "%c0%8a", "%250a", "%u000a", "%", "%0"):
        yield path + sign
    yield from (path + "/", path + "//", "/" + path, path.replace("/", "//"), path + "/.", path + "/..", path + "/x/..")
    yield from (f"/.{path}", f"/x/..{path}", f"/{first}/./{rest}", f"/{first}/../{first}/{rest}", f"/page/..{path}")
    yield from (path.upper(), path.title(), path.replace("e", "E"), path.swapcase())
    yield from (path.replace("/", "%2f"), "/" + path[1:].replace("/", "%2F"), path.replace("/", "\\"), f"/{encoded}")
    yield from (
        path + "%2f",
        path + "%3ftext=x",
        path + "%23",
        path + ";a=b",
        f"/{first};a/{rest}",
        path + "?%0a",
        path + "??",
    )
    yield from (
        path + "&",
        path + ":80",
        path + "@localhost",
        path + "*",
        path.replace("a", "%61"),
        path.replace("-", "%2D"),
    )
    yield from (path.replace("a", "%ef%bd%81"), path.replace("s", "%c5%bf"), path.replace("i", "%c4%b1"))
    yield from (
        f"http://localhost{path}",
        f"http://evil.example{path}",
        f"https://localhost:80{path}",
        f"//localhost{path}",
    )
    yield from (path[1:], f"*{path}", f"localhost:80{path}", f"/page{path}", f"/health{path}", f"/openapi.json{path}")


Request = tuple[str, str, list[str], bytes]
"""The method, the target, the headers and the body of a request. For a WebSocket, the body contains the frames that are
sent when the server has accepted the WebSocket."""


def message(request: Request) -> bytes:
    """Return the bytes with which a request begins. The frames of a WebSocket are not included."""
    method, target, headers, body = request
    lines = [f"{method} {target} HTTP/1.1", *headers]
    if "Upgrade: websocket" in headers:
        body = b""
    else:
        lines += ["Connection: close", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def complete_answer(client: socket.socket, request: Request) -> bytes:
    """Return all that the server sends on a connection on which the request has been sent."""
    _, _, headers, frames = request
    loop = asyncio.get_running_loop()
    answer = await loop.sock_recv(client, 1 << 16)
    if "Upgrade: websocket" in headers and answer.startswith(b"HTTP/1.1 101 "):
        await loop.sock_sendall(client, frames)
    while part := await loop.sock_recv(client, 1 << 16):
        answer += part
    return answer


async def answers_to(bench: HttpBench, requests: Iterable[Request]) -> list[bytes]:
    """Send all requests at the same time, each on a separate connection, and return the complete answers."""
    address = ("127.0.0.1", bench.server.address.port)
    with contextlib.ExitStack() as clients:
        sent = []
        for request in requests:
            # The system accepts the connection and the few bytes at once, although the server has not run since.
            client = clients.enter_context(socket.create_connection(address))
            client.setblocking(False)
            client.sendall(message(request))
            sent.append((client, request))
        async with asyncio.timeout(10):
            return [await complete_answer(client, request) for client, request in sent]


async def ask(bench: HttpBench, method: str, target: str, headers: list[str], body: bytes = b"") -> bytes:
    """Send a request and return the complete answer."""
    (answer,) = await answers_to(bench, [(method, target, headers, body)])
    return answer


def in_groups(requests: Iterable[Request]) -> Iterator[list[Request]]:
    """Divide requests into groups that are sent at the same time, which takes less time than one by one."""
    remaining = iter(requests)
    while group := list(itertools.islice(remaining, _GROUP)):
        yield group


def with_text(target: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}text=Hello"


async def speaks_to_none(bench: HttpBench, asked: Iterable[Request]) -> None:
    """Send each request, and check that it gets no speech and does not reach the engine."""
    for group in in_groups(asked):
        for request, answer in zip(group, await answers_to(bench, group), strict=True):
            assert answer, request
            assert b"RIFF" not in answer, request
            assert b'"sentences": [' not in answer, request
        assert bench.engine.snapshot().accepted == 0, group
    assert bench.voice.runs == []


def changed(bench: HttpBench, folder: Path) -> list[str]:
    """Return the names of all files in the server's folder, and the running downloads."""
    return sorted(path.name for path in folder.rglob("*")) + sorted(bench.context.registry.arriving())


async def changes_nothing(bench: HttpBench, folder: Path, asked: Iterable[Request]) -> None:
    """Send each request, and check that it does not change anything."""
    for group in in_groups(asked):
        for request, answer in zip(group, await answers_to(bench, group), strict=True):
            assert not re.match(rb"HTTP/1.1 2\d\d", answer) or request[0] in {"GET", "HEAD"}, (request, answer)
    assert await asyncio.to_thread(changed, bench, folder) == []


def filled(path: str, name: str = "en_US-fake-medium") -> str:
    return path.replace("{name}", name)


async def test_all_changing_endpoints_require_the_right() -> None:
    """Every endpoint with a method other than GET and HEAD requires the right to make changes, unless it only
    synthesizes speech."""
    async with serve() as bench:
        routes = list(all_routes((await asyncio.to_thread(endpoints, bench.context)).routes))
    guarded = {
        (method, route.path)  # type: ignore[attr-defined]  # every route here has a path
        for route in routes
        for method in getattr(route, "methods", None) or ()
        if MAY_CHANGE in getattr(route, "dependencies", ())
    }
    unsafe = {
        (method, route.path)  # type: ignore[attr-defined]  # every route here has a path
        for route in routes
        for method in (getattr(route, "methods", None) or set()) - {"GET", "HEAD"}
        if route.path not in _SPEAKING  # type: ignore[attr-defined]  # every route here has a path
    }
    assert guarded == unsafe == set(_CHANGING)


@pytest.mark.unmeasured  # coverage is not measured, because faster tests cover the same lines
@pytest.mark.parametrize("forbidden", [*_FORBIDDEN, *_UNCHANGING])
async def test_no_spelling_or_method_changes_anything(forbidden: str, tmp_path: Path) -> None:
    """A request without the right to change voices changes nothing, regardless of its path and its method."""
    headers = {**_FORBIDDEN, **_UNCHANGING}[forbidden]
    http = Http(cors=("https://friend.example",), token=None if forbidden in _WITHOUT_TOKEN else _TOKEN)
    async with serve(http=http, download_dir=tmp_path) as bench:
        for (method, path), body in _CHANGING.items():
            targets = list(spellings(filled(path)))[::5]
            await changes_nothing(bench, tmp_path, ((method, target, headers, body.encode()) for target in targets))
        asked = itertools.product(_METHODS, sorted({path for _, path in _CHANGING}))
        requests = ((method, filled(path), headers, b'{"name": null}') for method, path in asked)
        await changes_nothing(bench, tmp_path, requests)


async def test_all_routes_are_known() -> None:
    """Every route is in one of two lists: the routes that use a voice, and the routes that need no token."""
    async with serve() as bench:
        routes = list(all_routes((await asyncio.to_thread(endpoints, bench.context)).routes))
    changing = {path for _, path in _CHANGING}
    assert {route.path for route in routes} == _SPEAKING | _OPEN | changing  # type: ignore[attr-defined]  # every route here has a path


async def test_permitted_requests_are_served() -> None:
    """The requests of the other tests in this module get speech if they contain the token and no headers from another
    site."""
    headers = [_HOST, _ALLOWED]
    async with serve(http=Http(token=_TOKEN)) as bench:
        assert b"RIFF" in await ask(bench, "GET", with_text("/api/text-to-speech"), headers)
        assert b"RIFF" in await ask(bench, "POST", "/v1/audio/speech", headers, _BODY.encode())
        assert b'"sentences": [' in await ask(bench, "POST", "/api/phonemes", headers, _BODY.encode())
        assert b" 101 " in await ask(bench, "GET", "/api/stream", [*headers, *_UPGRADE], _FRAMES)
        assert bench.engine.snapshot().accepted >= 2


@pytest.mark.unmeasured  # coverage is not measured, because faster tests cover the same lines
@pytest.mark.parametrize("forbidden", _FORBIDDEN)
async def test_no_spelling_of_a_path_speaks(forbidden: str) -> None:
    """A request without the token or from another site gets no speech, regardless of how the path is spelled."""
    headers = _FORBIDDEN[forbidden]
    async with serve(http=Http(token=_TOKEN)) as bench:
        for path in sorted(_SPEAKING - {"/api/stream"}):
            targets = list(spellings(path))[:: _STEPS.get(forbidden, 1)]
            await speaks_to_none(bench, (("GET", with_text(target), headers, b"") for target in targets))
            await speaks_to_none(bench, (("POST", target, headers, _BODY.encode()) for target in targets))
        targets = list(spellings("/api/stream"))[:: _STEPS.get(forbidden, 1)]
        sockets = (("GET", target, [*headers, *_UPGRADE], _FRAMES) for target in targets)
        await speaks_to_none(bench, sockets)


@pytest.mark.unmeasured  # coverage is not measured, because faster tests cover the same lines
@pytest.mark.parametrize("forbidden", _FORBIDDEN)
async def test_no_method_speaks(forbidden: str) -> None:
    """A request without the token or from another site gets no speech with any method on any route."""
    headers = _FORBIDDEN[forbidden]
    async with serve(http=Http(token=_TOKEN)) as bench:
        asked = itertools.product(_METHODS, sorted(_SPEAKING | _OPEN))
        await speaks_to_none(bench, ((method, with_text(path), headers, _BODY.encode()) for method, path in asked))


@pytest.mark.unmeasured  # coverage is not measured, because faster tests cover the same lines
@pytest.mark.parametrize("sign", ["%00", "%09", "%0a", "%0D", "%1f", "%7f", "%c2%85", "%e2%80%a8", "%ed%a0%80", "%ff"])
async def test_path_with_control_characters_is_refused(sign: str) -> None:
    """Every endpoint refuses a path with a control character, a line separator or invalid UTF-8, even if the request
    contains the token."""
    async with serve(http=Http(token=_TOKEN)) as bench:
        requests = [("GET", with_text(path + sign), [_HOST, _ALLOWED], b"") for path in sorted(_SPEAKING | _OPEN)]
        for group in in_groups(requests):
            for request, answer in zip(group, await answers_to(bench, group), strict=True):
                assert answer.startswith(b"HTTP/1.1 404 "), request
