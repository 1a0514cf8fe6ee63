"""Tests for reading files from a web server: redirects, proxies, certificates and invalid responses."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.voices.remote.mirror import MODEL, Mirror, mirror_of, public_voice
from wyoming_piper_serial.exceptions import DownloadFailed, ShuttingDown
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.voices.remote.transfer import Source

VOICE = public_voice()
PATH = VOICE.model.path


def read(url: str, path: str = PATH, *, timeout: float = 10.0, most: int = len(MODEL)) -> bytes:
    return Source("The voice x", url, timeout, Shutdown()).read(path, most)


def failure(url: str, path: str = PATH, *, timeout: float = 10.0) -> str:
    """Read a file, assert that this fails, and return the error message.

    The error message must not contain an IP address, and the error's detail must be a single line.
    """
    with pytest.raises(DownloadFailed) as caught:
        read(url, path, timeout=timeout)
    message = str(caught.value)
    assert message.startswith("The voice x cannot be downloaded: ")
    assert "Connection(" not in caught.value.detail, "an object of the HTTP library is shown"
    assert "127.0.0.1" not in message
    assert "\n" not in caught.value.detail
    return message


def test_file_is_read(mirror: Mirror) -> None:
    """A file is read whether or not the base URL ends with a slash."""
    assert read(mirror.url) == read(f"{mirror.url}/") == MODEL


def test_file_without_a_length_is_read(mirror: Mirror) -> None:
    """A file without a Content-Length is read, whether the body is chunked or ends when the connection is closed."""
    mirror.chunked = True
    assert read(mirror.url) == MODEL
    mirror.chunked = False
    mirror.unknown_length = True
    assert read(mirror.url) == MODEL


def test_file_that_is_too_long_is_refused(mirror: Mirror) -> None:
    """Reading a file with more than `most` bytes raises DownloadFailed."""
    assert read(mirror.url, most=len(MODEL)) == MODEL
    with pytest.raises(DownloadFailed, match="too long"):
        read(mirror.url, most=len(MODEL) - 1)


def test_five_redirects_are_followed_and_no_more(mirror: Mirror) -> None:
    """Five redirects are followed, including redirects to relative URLs. The sixth redirect raises DownloadFailed."""
    here = f"{mirror.url}/{PATH}"
    mirror.redirects = [here, here, f"/some/where/{PATH}", here, here]
    assert read(mirror.url) == MODEL
    assert len(mirror.requests) == 6
    mirror.redirects = [here] * 6
    assert "redirects too often" in failure(mirror.url)
    assert len(mirror.requests) == 12


def test_body_of_a_redirect_is_not_read(mirror: Mirror) -> None:
    """The body of a redirect is not read. In this test, the server announces a body of 1 GB but never sends the
    body."""
    mirror.redirects = [f"{mirror.url}/{PATH}"]
    assert read(mirror.url, timeout=5) == MODEL


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,x"])
def test_redirect_to_another_scheme_is_refused(mirror: Mirror, target: str) -> None:
    """A redirect to a scheme other than HTTP and HTTPS raises DownloadFailed, so that no local file can be read."""
    mirror.redirects = [target]
    assert "unsafe protocol" in failure(mirror.url)


@pytest.mark.parametrize("target", ["http://[", "http://127.0.0.1:99999/", "http:///x", "http://\x7f/"])
def test_redirect_to_a_broken_address_is_reported(mirror: Mirror, target: str) -> None:
    """A redirect to an invalid URL raises DownloadFailed."""
    mirror.redirects = [target]
    assert "cannot be downloaded" in failure(mirror.url)


@pytest.fixture
def secure_mirror(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Run an HTTPS download server whose certificate this process trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the program openssl is needed to create a certificate")
    certificate = tmp_path / "certificate.pem"
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x"
    options += " -addext subjectAltName=IP:127.0.0.1 -out certificate.pem -keyout key.pem"
    subprocess.run([openssl, *options.split()], cwd=tmp_path, check=True, capture_output=True)  # noqa: S603
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    secure = mirror_of(VOICE, tls=context)
    yield secure
    secure.close()


def test_redirect_goes_from_http_to_https_but_not_back(mirror: Mirror, secure_mirror: Mirror) -> None:
    """A redirect from HTTP to HTTPS is followed. A redirect from HTTPS to HTTP raises DownloadFailed."""
    mirror.redirects = [f"{secure_mirror.url}/{PATH}"]
    assert read(mirror.url) == MODEL
    secure_mirror.redirects = [f"{mirror.url}/{PATH}"]
    mirror.requests.clear()
    assert "unsafe protocol" in failure(secure_mirror.url)
    assert mirror.requests == []


def test_certificate_must_be_trusted(secure_mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server certificate that is not trusted raises DownloadFailed. The environment variable `SSL_CERT_FILE` sets a
    file with trusted certificates."""
    assert read(secure_mirror.url) == MODEL
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "no connection" in failure(secure_mirror.url)
    assert len(secure_mirror.requests) == 1


@pytest.mark.parametrize(
    ("proxy", "login"),
    [("http://{}", None), ("{}", None), ("http://me:p%40ss@{}", "Basic bWU6cEBzcw==")],
)
def test_proxy_of_the_environment_is_used(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, proxy: str, login: str | None
) -> None:
    """Requests use the proxy set in the environment, with the credentials in its URL. Hosts in NO_PROXY are accessed
    directly."""
    monkeypatch.setenv("http_proxy", proxy.format(mirror.address.removeprefix("http://")))
    assert read("http://voices.invalid/some/where") == MODEL
    assert mirror.proxied == [("voices.invalid", login)]
    mirror.proxied.clear()
    assert read(mirror.url) == MODEL
    assert mirror.proxied == [], "a host in NO_PROXY was requested through the proxy"


def test_proxy_that_does_not_answer_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that refuses connections raises DownloadFailed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("http_proxy", address)
    assert "no connection" in failure("http://voices.invalid")


def test_response_that_ends_early_is_refused(mirror: Mirror) -> None:
    """A connection that is closed before all announced bytes have arrived raises DownloadFailed."""
    mirror.cuts = [1000]
    assert "interrupted" in failure(mirror.url)


_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "rest", "reason"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"a", "does not answer"),
        (b"HTTP/1.1 200", b" ", "does not answer"),
        (_CHUNKED, b"1;", "has stopped sending"),
        (_CHUNKED + b"1\r\na\r\n0\r\n", b"X: a\r\n", "has stopped sending"),
    ],
)
def test_response_that_never_goes_on_is_refused(mirror: Mirror, first: bytes, rest: bytes, reason: str) -> None:
    """Endless interim responses, headers, chunk extensions or trailers raise DownloadFailed after the timeout."""
    mirror.endless = first, rest
    # A busy machine may need one second to send the first bytes, after which the server counts as responding.
    assert reason in failure(mirror.url, timeout=1 if "sending" in reason else 0.3)


def test_nothing_is_requested_while_the_server_is_ending(mirror: Mirror) -> None:
    """During a shutdown, no request is sent, and ShuttingDown is raised."""
    shutdown = Shutdown()
    shutdown.begin()
    with pytest.raises(ShuttingDown):
        Source("x", mirror.url, 10, shutdown).read(PATH, 1)
    assert mirror.requests == []
