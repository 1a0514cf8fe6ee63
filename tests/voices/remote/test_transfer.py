"""Files of a web server: redirects, proxies, certificates, and answers that are not what was asked for."""

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
    """The message of the error, which names neither an address nor a path."""
    with pytest.raises(DownloadFailed) as caught:
        read(url, path, timeout=timeout)
    message = str(caught.value)
    assert message.startswith("The voice x cannot be downloaded: ")
    assert "127.0.0.1" not in message
    assert "\n" not in caught.value.detail
    return message


def test_file_is_read(mirror: Mirror) -> None:
    """A slash at the end of the base address makes no difference."""
    assert read(mirror.url) == read(f"{mirror.url}/") == MODEL


def test_file_without_a_length_is_read(mirror: Mirror) -> None:
    """In chunks, and until the connection ends."""
    mirror.chunked = True
    assert read(mirror.url) == MODEL
    mirror.chunked = False
    mirror.unknown_length = True
    assert read(mirror.url) == MODEL


def test_file_that_is_too_long_is_refused(mirror: Mirror) -> None:
    """At the first byte that is too many."""
    assert read(mirror.url, most=len(MODEL)) == MODEL
    with pytest.raises(DownloadFailed, match="too long"):
        read(mirror.url, most=len(MODEL) - 1)


def test_five_redirects_are_followed_and_no_more(mirror: Mirror) -> None:
    """Redirects in a circle end that way, too. An address may be relative."""
    here = f"{mirror.url}/{PATH}"
    mirror.redirects = [here, here, f"/some/where/{PATH}", here, here]
    assert read(mirror.url) == MODEL
    assert len(mirror.requests) == 6
    mirror.redirects = [here] * 6
    assert "in circles" in failure(mirror.url)
    assert len(mirror.requests) == 12


def test_body_of_a_redirect_is_not_read(mirror: Mirror) -> None:
    """The mirror announces 1 GB and sends nothing of it; the connection is closed."""
    mirror.redirects = [f"{mirror.url}/{PATH}"]
    assert read(mirror.url, timeout=5) == MODEL


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,x"])
def test_redirect_to_another_scheme_is_refused(mirror: Mirror, target: str) -> None:
    """A server must not make this one read its own files."""
    mirror.redirects = [target]
    assert "less safely" in failure(mirror.url)


@pytest.mark.parametrize("target", ["http://[", "http://127.0.0.1:99999/", "http:///x", "http://\x7f/"])
def test_redirect_to_a_broken_address_is_reported(mirror: Mirror, target: str) -> None:
    """As an error of the download, whatever the address is."""
    mirror.redirects = [target]
    assert "cannot be downloaded" in failure(mirror.url)


@pytest.fixture
def secure_mirror(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """The same by HTTPS, with a certificate that this process trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the program openssl makes the certificate")
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
    """A file that was asked for by HTTPS does not come in the clear."""
    mirror.redirects = [f"{secure_mirror.url}/{PATH}"]
    assert read(mirror.url) == MODEL
    secure_mirror.redirects = [f"{mirror.url}/{PATH}"]
    mirror.requests.clear()
    assert "less safely" in failure(secure_mirror.url)
    assert mirror.requests == []


def test_certificate_must_be_trusted(secure_mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the trust store of the system, which SSL_CERT_FILE can replace."""
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
    """With or without a scheme, with or without a login."""
    monkeypatch.setenv("http_proxy", proxy.format(mirror.address.removeprefix("http://")))
    assert read("http://voices.invalid/some/where") == MODEL
    assert mirror.proxied == [("voices.invalid", login)]
    mirror.proxied.clear()
    assert read(mirror.url) == MODEL
    assert mirror.proxied == [], "NO_PROXY names it"


def test_proxy_that_does_not_answer_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a server that cannot be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("http_proxy", address)
    assert "no connection" in failure("http://voices.invalid")


def test_cut_answer_is_not_the_file(mirror: Mirror) -> None:
    """Its length was announced."""
    mirror.cuts = [1000]
    assert "cut" in failure(mirror.url)


def test_nothing_is_asked_for_while_the_server_is_ending(mirror: Mirror) -> None:
    """No connection is made."""
    shutdown = Shutdown()
    shutdown.begin()
    with pytest.raises(ShuttingDown):
        Source("x", mirror.url, 10, shutdown).read(PATH, 1)
    assert mirror.requests == []
