"""The server behind HAProxy, nginx and Caddy. Tests of programs that are not installed are skipped."""

import contextlib
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.integration.conftest import ServerProcess, Start

ROOT = Path(__file__).parents[2]
_PATIENCE = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextlib.contextmanager
def running(command: Sequence[str], port: int) -> Iterator[None]:
    """Run a proxy that listens on `port`."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            assert process.poll() is None, command
            assert time.monotonic() < deadline, command
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.01)  # polls, because the proxy runs in another process
        yield
    finally:
        process.terminate()  # SIGTERM and not SIGKILL, which would not stop the worker processes of nginx
        process.wait(_PATIENCE)


def configured(name: str, folder: Path, changes: dict[str, str]) -> str:
    """Copy a file from `packaging` with changed addresses and paths, and return the path of the copy."""
    text = (ROOT / "packaging" / name).read_text(encoding="utf-8")
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def exchange(port: int, sent: bytes) -> bytes:
    """Send bytes, and return all bytes received until the connection ends, or no bytes if it is reset."""
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            return b"".join(iter(lambda: client.recv(1 << 16), b""))
    return b""


def test_wyoming_through_two_haproxies_with_tls(
    program: Callable[[str], str], start: Start, small_voice: tuple[str, ...], tmp_path: Path
) -> None:
    """Speech passes through both HAProxy instances. The server side refuses a client without a certificate, and the
    client side refuses a server with another name."""
    haproxy = program("haproxy")
    program("openssl")
    server = start(*small_voice, "--proxy-from", "127.0.0.2")
    subprocess.run(
        [ROOT / "packaging" / "make-certificates", tmp_path, "piper.example.org"], check=True, capture_output=True
    )
    plain, wrong, encrypted = free_port(), free_port(), free_port()
    far = {":10243": f"127.0.0.1:{encrypted}", "/etc/haproxy/piper": str(tmp_path)}
    server_side = configured("haproxy-tls-server.cfg", tmp_path, {**far, "127.0.0.1:10200": f"127.0.0.1:{server.port}"})
    address = {"piper.example.org:10243": f"127.0.0.1:{encrypted}", "/etc/haproxy/piper": str(tmp_path)}
    client_side = configured("haproxy-tls-client.cfg", tmp_path, {**address, ":10200": f"127.0.0.1:{plain}"})
    synthesize = b'{"type": "synthesize", "data": {"text": "Hello."}}\n'
    with (
        running([haproxy, "-db", "-f", server_side], encrypted),
        running([haproxy, "-db", "-f", client_side], plain),
    ):
        assert b'"audio-stop"' in exchange(plain, synthesize)
        assert b'"audio-stop"' not in exchange(encrypted, synthesize)
        changes = {**address, ":10200": f"127.0.0.1:{wrong}", "verifyhost piper.": "verifyhost other."}
        with running([haproxy, "-db", "-f", configured("haproxy-tls-client.cfg", tmp_path, changes)], wrong):
            assert exchange(wrong, synthesize) == b""
        # A client that trusts the authority but has no certificate.
        command = f"openssl s_client -quiet -CAfile {tmp_path}/authority.pem -connect 127.0.0.1:{encrypted}"
        refused = subprocess.run(command.split(), input=synthesize, capture_output=True, timeout=_PATIENCE, check=False)
        assert b'"audio-stop"' not in refused.stdout
    server.wait_for_lines("wyoming 127.0.0.1 #")


@pytest.fixture(scope="module")
def proxied(small_voice: tuple[str, ...]) -> Iterator[ServerProcess]:
    """Run a server for use behind a proxy at piper.example.org."""
    server = ServerProcess(*small_voice, "--http-uri", "tcp://127.0.0.1:0", "--http-host", "piper.example.org")
    yield server
    assert server.stop() == 0


def documented(proxy: str, server: ServerProcess) -> str:
    """Return the configuration for `proxy` from the documentation, with the address of `server`."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    block = re.search(rf"(?m)^{proxy}.*:\n\n```\n((?s:.*?))```", text)
    assert block
    return block[1].replace("127.0.0.1:10280", server.http.removeprefix("http://").rstrip("/"))


def caddy_command(program: Callable[[str], str], folder: Path, port: int, server: ServerProcess) -> list[str]:
    """Return a command that runs Caddy as in the documentation, but without TLS."""
    site = documented("Caddy", server).replace("piper.example.org", f"http://:{port}")
    (folder / "Caddyfile").write_text(f"{{\n admin off\n}}\n{site}", encoding="utf-8")
    folders = (f"XDG_CONFIG_HOME={folder}", f"XDG_DATA_HOME={folder}")
    return ["env", *folders, program("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def nginx_command(program: Callable[[str], str], folder: Path, port: int, server: ServerProcess) -> list[str]:
    """Return a command that runs nginx as in the documentation, but without TLS."""
    http = documented("nginx", server).replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
    http = re.sub(r"(?m)^ *ssl_.*\n", "", http)
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\nhttp {{ access_log off;\n"
        + "".join(
            f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + f"{http}}}\n",
        encoding="utf-8",
    )
    return [program("nginx"), "-c", str(config), "-e", str(folder / "error.log")]


def haproxy_command(program: Callable[[str], str], folder: Path, port: int, server: ServerProcess) -> list[str]:
    config = folder / "haproxy.cfg"
    own = server.http.removeprefix("http://").rstrip("/")
    config.write_text(
        "defaults\n mode http\n timeout client 1h\n timeout server 1h\n timeout connect 5s\n"
        f"listen http\n bind 127.0.0.1:{port}\n server piper {own}\n",
        encoding="utf-8",
    )
    return [program("haproxy"), "-db", "-f", str(config)]


def asked(port: int, host: str, origin: str | None = None) -> tuple[int, bytes]:
    """Request speech through a proxy. Return the status and the first bytes of the body."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/text-to-speech?text=Hello", headers={"Host": host})
    if origin is not None:
        request.add_header("Origin", origin)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_PATIENCE) as response:
            return response.status, response.read(4)
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("command", [caddy_command, nginx_command, haproxy_command])
def test_http_behind_a_proxy_that_keeps_the_host(
    command: Callable[..., list[str]], program: Callable[[str], str], proxied: ServerProcess, tmp_path: Path
) -> None:
    """A page at the host name of the proxy can use the server. For any other host name, the error names the option to
    set."""
    port = free_port()
    with running(command(program, tmp_path, port, proxied), port):
        assert asked(port, "piper.example.org", "https://piper.example.org") == (200, b"RIFF")
        assert asked(port, "piper.example.org") == (200, b"RIFF")
        status, body = asked(port, "other.example.org")
        assert (status, b"--http-host other.example.org" in body) == (403, True)
        status, body = asked(port, "piper.example.org", "https://other.example.org")
        assert (status, b"--http-host other.example.org" in body) == (403, True)


@pytest.mark.parametrize("name", ["haproxy.cfg", "haproxy-tls-client.cfg", "haproxy-tls-server.cfg"])
def test_connections_to_a_machine_without_power_end(name: str) -> None:
    """With the keep-alive settings in each HAProxy file, a connection ends within half a minute after the machine on
    its other side has lost its power, on both sides of HAProxy."""
    text = (ROOT / "packaging" / name).read_text(encoding="utf-8")
    for side in ("cli", "srv"):
        idle, interval, count = (
            int(re.findall(rf"(?m)^    {side}tcpka-{what} (\d+)", text)[0]) for what in ("idle", "intvl", "cnt")
        )
        assert f"option {side}tcpka\n" in text
        assert idle + interval * count <= 30


@pytest.mark.unmeasured
def test_balanced_servers_lose_nothing(program: Callable[[str], str], small_voice: tuple[str, ...]) -> None:
    """Behind HAProxy, a drain, a restart of each server and a killed server cause no lost requests, except those that
    the killed server was handling."""
    program("haproxy")
    options = small_voice[2:]  # the options of the small voice, without --uri and its value
    done = subprocess.run(
        [
            *(sys.executable, ROOT / "script" / "benchmarks" / "balance.py", "--clients", "6", "--after-kill", "1"),
            # The pauses keep the load low. The drained server is restarted twice.
            *("--describes", "100", "--speeches", "20", "--pause", "0.2", "--speech-pause", "0.4"),
            *("--rounds", "1", "--", *options),
        ],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost unexpectedly:     0" in done.stdout
