"""Access control: pages of other sites, tokens, and limits for bodies and queries."""

from collections.abc import AsyncIterator
from ipaddress import ip_address
from types import SimpleNamespace

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from tests.http.serving import error_of, serve
from wyoming_piper_serial.exceptions import ChangesNotAllowed, ForeignOrigin, Unauthorized
from wyoming_piper_serial.http.access import Access, AccessMiddleware, bearer
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Client, Reporter
from wyoming_piper_serial.settings import Http, Limits

_SPEAK = "/api/text-to-speech"
_TOKEN = "opensesame"  # noqa: S105  # a test's token


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "piper:10280"},
        {"host": "piper:10280", "origin": "http://piper:10280"},
        {"host": "172.30.33.1:10280", "x-forwarded-host": "home.example", "origin": "https://home.example"},
        {"host": "a", "x-forwarded-host": "home.example, inner.example", "origin": "https://home.example"},
        {"host": "piper:10280", "origin": "https://friend.example"},
        {"host": "home.example", "origin": "https://home.example:8443"},
        {"host": "a", "x-forwarded-host": "home.example:443", "origin": "https://home.example"},
        {"host": "inner", "origin": "https://home.example", "sec-fetch-site": "same-origin"},
        {"host": "piper:10280", "sec-fetch-site": "none"},
        {"host": "piper:10280", "origin": "https://friend.example", "sec-fetch-site": "cross-site"},
    ],
)
def test_own_pages_programs_and_named_sites_are_allowed(headers: dict[str, str]) -> None:
    """The server's own pages, programs, and the sites in `--http-cors` are allowed, even behind a proxy."""
    Access(cors=["https://friend.example"]).check_origin(Headers(headers))


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
        {"host": "piper:10280", "origin": "http://["},
        {"host": "piper:10280", "sec-fetch-site": "cross-site"},
        {"host": "piper:10280", "sec-fetch-site": "same-site"},
        {"host": "piper:10280", "origin": "http://piper:10280", "sec-fetch-site": "cross-site"},
    ],
)
def test_pages_of_other_sites_are_refused(headers: dict[str, str]) -> None:
    """A page is refused as a page of another site if its scheme, host or port differs, or if its origin is opaque (a
    sandbox)."""
    with pytest.raises(ForeignOrigin):
        Access(cors=["https://friend.example"]).check_origin(Headers(headers))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:10280", "[::1]:10280", "localhost:10280", "piper.localhost", "", "friend.example"]
)
def test_host_of_a_local_server_is_a_name_of_its_machine(host: str) -> None:
    """A loopback server accepts a Host header with a name of this machine or with a host in --http-cors."""
    Access(local=True, cors=["https://friend.example"]).check_origin(Headers({"host": host}))


@pytest.mark.parametrize(
    "host", ["evil.example:10280", "evil.example", "localhost.evil.example", "[::1", "127.0.0.1.x"]
)
def test_foreign_name_that_resolves_to_a_local_server_is_refused(host: str) -> None:
    """A loopback server refuses foreign host names, which pages of other sites could use for DNS rebinding."""
    with pytest.raises(ForeignOrigin):
        Access(local=True).check_origin(Headers({"host": host, "origin": f"http://{host}"}))
    if "[" not in host:
        Access().check_origin(Headers({"host": host, "origin": f"http://{host}"}))


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "piper.example.org", "origin": "https://piper.example.org"},
        {"host": "Piper.example.org:8443", "origin": "https://piper.example.org:8443"},
        {"host": "127.0.0.1:10280", "origin": "https://piper.example.org"},
        {"host": "piper.example.org"},
    ],
)
@pytest.mark.parametrize("local", [True, False])
def test_server_behind_a_proxy_has_the_name_of_the_proxy(headers: dict[str, str], local: bool) -> None:
    """With --http-host, pages under the proxy's name may use the server, whether or not the proxy keeps the Host
    header. Pages of other sites may not."""
    access = Access(hosts=["piper.example.org"], local=local)
    access.check_origin(Headers(headers))
    for origin in ("https://evil.example", "null", "https://piper.example.org.evil.example"):
        with pytest.raises(ForeignOrigin):
            access.check_origin(Headers({**headers, "origin": origin}))
    with pytest.raises(ForeignOrigin):
        access.check_origin(Headers({**headers, "sec-fetch-site": "cross-site"}))


def test_error_says_which_name_to_set() -> None:
    """The error for an unknown host or origin contains the option that would allow it, and the value to set if the host
    or origin contains a valid host name."""
    for headers, local in (
        ({"host": "piper.example.org:8443"}, True),
        ({"host": "127.0.0.1", "origin": "https://piper.example.org"}, True),
        ({"host": "10.0.0.1", "origin": "https://piper.example.org"}, False),
    ):
        with pytest.raises(ForeignOrigin, match=r"start it with --http-host piper\.example\.org\."):
            Access(local=local).check_origin(Headers(headers))
    with pytest.raises(ForeignOrigin, match="--http-host NAME"):
        Access(local=True).check_origin(Headers({"host": "<script>"}))
    with pytest.raises(ForeignOrigin, match=r"--http-cors allows them\.$"):
        Access().check_origin(Headers({"host": "10.0.0.1", "origin": "null"}))


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "a", "x-forwarded-host": "," * 62_000, "origin": "http://evil.example"},
        {"host": "a", "x-forwarded-host": ", ".join(["b"] * 8 + ["evil.example"]), "origin": "http://evil.example"},
        {"host": "a", "x-forwarded-host": "x" * 62_000, "origin": "http://evil.example"},
        {"host": "a" * 62_000, "origin": "http://" + "a" * 62_000},
        {"host": "a", "origin": "http://a/" + "\xbd" * 62_000},
    ],
)
def test_long_names_of_hosts_are_refused(headers: dict[str, str]) -> None:
    """An origin or host that is longer than any valid name is refused. So is a long list of hosts."""
    for local in (True, False):
        with pytest.raises(ForeignOrigin):
            Access(local=local).check_origin(Headers(headers))


@pytest.mark.parametrize("given", [None, "", "open", "opensesame2", "ÖpenSesame", "\ud800", "OPENSESAME"])
def test_wrong_tokens_are_refused(given: str | None) -> None:
    """Every wrong token is refused, even if it contains non-ASCII characters, for which `hmac.compare_digest` raises
    TypeError."""
    Access().check_token(given)
    asking = Access(token=_TOKEN)
    asking.check_token(_TOKEN)
    with pytest.raises(Unauthorized):
        asking.check_token(given)


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_cookies_are_dropped(kind: str) -> None:
    """Cookies are removed from a request, because the application does not use cookies, and parsing a long cookie can
    take half a second."""
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def no_message() -> Message:
        raise AssertionError

    async def no_answer(message: Message) -> None:
        raise AssertionError(message)

    access = AccessMiddleware(app, access=Access(), max_body=1, reporter=Reporter(Metrics()))
    headers = [(b"host", b"a"), (b"cookie", b"a=b"), (b"x", b"y"), (b"cookie", b'c="' + b'\\"' * 4000 + b'"')]
    scope: Scope = {"type": kind, "path": "/", "query_string": b"", "headers": headers, "state": {}}
    scope["state"]["connection"] = SimpleNamespace(client=Client(protocol="http"))
    await access(scope, no_message, no_answer)
    assert seen[0]["headers"] == [(b"host", b"a"), (b"x", b"y")]


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("abc", None), ("", None), ("Bearer", "")],
)
def test_token_is_read_from_the_header(header: str, token: str | None) -> None:
    """In an Authorization header, the token follows the scheme `Bearer`, which is case-insensitive."""
    assert bearer(Headers({"authorization": header})) == token


def change_refusal(access: Access, headers: dict[str, str], address: str = "127.0.0.1") -> type | None:
    client = Client(protocol="http", address=ip_address(address))
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {"type": "http", "headers": raw, "state": {"connection": SimpleNamespace(client=client)}}
    refusal = access.change_refusal(scope)
    return None if refusal is None else type(refusal)


@pytest.mark.parametrize(
    ("address", "headers", "refusal"),
    [
        ("127.0.0.1", {"host": "localhost:10280"}, None),
        ("127.0.0.5", {"host": "127.0.0.1:10280", "origin": "http://127.0.0.1:10280"}, None),
        ("::1", {"host": "[::1]:10280", "sec-fetch-site": "same-origin"}, None),
        ("127.0.0.1", {}, None),
        ("192.168.1.5", {"host": "localhost"}, ChangesNotAllowed),
        ("127.0.0.1", {"host": "192.168.1.2:10280"}, ChangesNotAllowed),
        ("127.0.0.1", {"host": "piper.example"}, ChangesNotAllowed),
        ("127.0.0.1", {"host": "localhost", "x-forwarded-for": "192.168.1.5"}, ChangesNotAllowed),
        ("127.0.0.1", {"host": "localhost", "forwarded": "for=192.168.1.5"}, ChangesNotAllowed),
        ("127.0.0.1", {"host": "[::1"}, ChangesNotAllowed),
        ("127.0.0.1", {"host": "localhost" * 100}, ChangesNotAllowed),
        ("127.0.0.1", {"host": "localhost", "origin": "https://friend.example"}, ForeignOrigin),
        ("127.0.0.1", {"host": "localhost", "origin": "null"}, ForeignOrigin),
        ("127.0.0.1", {"host": "localhost", "sec-fetch-site": "same-site"}, ForeignOrigin),
    ],
)
def test_without_a_token_only_this_machine_changes_voices(
    address: str, headers: dict[str, str], refusal: type | None
) -> None:
    """If the server has no token, changes are accepted only from a client on this machine that uses a loopback address,
    without a proxy, and not from a page of another site."""
    assert change_refusal(Access(cors=["https://friend.example"]), headers, address) is refusal


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"authorization": f"Bearer {_TOKEN}"}, None),
        ({"authorization": f"Bearer {_TOKEN}", "x-forwarded-for": "1.2.3.4"}, None),
        ({}, Unauthorized),
        ({"authorization": f"Bearer {_TOKEN}", "origin": "https://friend.example"}, ForeignOrigin),
        (
            {
                "authorization": f"Bearer {_TOKEN}",
                "origin": "https://friend.example",
                "sec-fetch-site": "cross-site",
            },
            ForeignOrigin,
        ),
    ],
)
def test_with_a_token_its_owner_changes_voices(headers: dict[str, str], refusal: type | None) -> None:
    """If the server has a token, changes with the token are accepted from any machine, but never from a page of another
    site."""
    access = Access(cors=["https://friend.example"], token=_TOKEN)
    assert change_refusal(access, {"host": "piper.example", **headers}, "192.168.1.5") is refusal


async def test_foreign_page_cannot_make_the_server_speak() -> None:
    """Requests that browsers send for pages of other sites without CORS (a simple POST, a GET for audio) are
    refused."""
    async with serve() as bench:
        sound = await bench.get(_SPEAK, params={"text": "Hello."}, headers={"Sec-Fetch-Site": "cross-site"})
        assert error_of(sound) == (403, "foreign-origin")
        refused = await bench.post(_SPEAK, content="Hello.", headers={"Origin": "http://evil.example"})
        assert error_of(refused) == (403, "foreign-origin")
        own = await bench.post(_SPEAK, content="Hello.", headers={"Origin": bench.base})
        assert own.status_code == 200
        assert len(bench.voice.runs) == 1
        assert bench.engine.snapshot().errors == {"foreign-origin": 2}


async def test_named_site_may_send_requests_and_read_responses() -> None:
    """The responses to a preflight and to a request contain the CORS header only if `--http-cors` lists the origin."""
    preflight = {"Origin": "https://friend.example", "Access-Control-Request-Method": "POST"}
    async with serve(http=Http(cors=("https://friend.example",))) as bench:
        allowed = await bench.client.options(bench.base + _SPEAK, headers=preflight)
        assert allowed.headers["access-control-allow-origin"] == "https://friend.example"
        spoken = await bench.post(_SPEAK, content="Hello.", headers={"Origin": "https://friend.example"})
        assert spoken.headers["access-control-allow-origin"] == "https://friend.example"
        refused = await bench.post(_SPEAK, content="Hello.", headers={"Origin": "https://other.example"})
        assert error_of(refused) == (403, "foreign-origin")
        assert "access-control-allow-origin" not in refused.headers
    async with serve() as bench:
        answer = await bench.client.options(bench.base + _SPEAK, headers=preflight)
        assert "access-control-allow-origin" not in answer.headers


async def test_long_bodies_are_refused() -> None:
    """A body whose Content-Length is too large is refused before it is read. A chunked body that is too long is refused
    while it is read."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"word " * 20

    async with serve(limits=Limits(max_data=1000)) as bench:
        assert error_of(await bench.post(_SPEAK, content=b"x" * 1001)) == (413, "text-too-long")
        assert error_of(await bench.post(_SPEAK, content=pieces())) == (413, "text-too-long")
        assert error_of(await bench.post("/v1/audio/speech", content=pieces())) == (413, "text-too-long")
        assert (await bench.post(_SPEAK, content=b"x" * 1000)).status_code == 200


async def test_refusal_ends_the_connection() -> None:
    """The body of a refused request is not read. The server closes the connection and parses no byte of the body."""
    async with serve() as bench:
        refused = await bench.post(_SPEAK, content="Hello.", headers={"Origin": "http://evil.example"})
    assert refused.headers["connection"] == "close"
    assert "content-security-policy" in refused.headers


async def test_token_is_checked_before_the_body_is_read() -> None:
    """A client without the token gets the error `unauthorized`, even if its body is invalid."""
    async with serve(http=Http(token=_TOKEN)) as bench:
        assert error_of(await bench.post("/v1/audio/speech", content=b"{")) == (401, "unauthorized")


async def test_query_of_many_fields_is_refused() -> None:
    """A query with too many fields is refused before it is parsed."""
    async with serve() as bench:
        refused = await bench.get(f"{_SPEAK}?text=Hello.&" + "a=1&" * 10_000)
        assert error_of(refused) == (422, "bad-request")
        assert "more than" in refused.text
        parsed = await bench.get(f"{_SPEAK}?text=Hello.&" + "a=1&" * 50)
        assert "unknown field" in parsed.text


@pytest.mark.parametrize(
    "body",
    [b'{"input": "Hi.", "x": [' + b"1," * 20_000 + b"1]}", b'{"input": "Hi.", "x": ' + b"[" * 40 + b"]" * 40 + b"}"],
)
@pytest.mark.parametrize("headers", [{"Content-Type": "application/json"}, {}])
async def test_json_of_many_parts_is_refused(body: bytes, headers: dict[str, str]) -> None:
    """JSON with too many values or levels of nesting is refused, even if the JSON arrives in pieces or without a
    content type."""

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 7000):
            yield body[at : at + 7000]

    async with serve() as bench:
        for content in (body, pieces()):
            refused = await bench.post("/v1/audio/speech", content=content, headers=headers)
            assert error_of(refused) == (422, "bad-request")
            assert "nested" in refused.text or "brackets" in refused.text, "it was not parsed"


async def test_json_of_brackets_is_refused() -> None:
    """JSON with too many brackets is refused, because parsing it would block the event loop."""
    body = b'{"input": "Hi.", "x": [' + b"[]," * 20_000 + b"[]]}"
    async with serve() as bench:
        refused = await bench.post("/v1/audio/speech", content=body, headers={"Content-Type": "application/json"})
        assert error_of(refused) == (422, "bad-request")
        assert bench.voice.runs == []


async def test_responses_have_a_content_security_policy() -> None:
    """Successful responses and error responses contain security headers."""
    async with serve() as bench:
        for path in ("/api/voices", "/nothing"):
            headers = (await bench.get(path)).headers
            assert headers["content-security-policy"].startswith("default-src 'self';")
            assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("http", "ancestors"),
    [
        (Http(), "'self'"),
        (Http(cors=("https://a.example", "http://b:8123")), "'self' https://a.example http://b:8123"),
        (Http(cors=("https://a.example",), embed_anywhere=True), "*"),
    ],
)
async def test_frames_are_allowed_for_the_origins_that_may_speak(http: Http, ancestors: str) -> None:
    """Pages of this server and of the origins in --http-cors may show the page in a frame. With
    --http-embed-anywhere, all pages may."""
    async with serve(http=http) as bench:
        policy = (await bench.get("/")).headers["content-security-policy"]
    assert policy.endswith(f"; frame-ancestors {ancestors}")
    assert policy.startswith("default-src 'self';")
