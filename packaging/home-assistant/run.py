"""Starts the server as a Home Assistant app, and announces its address to the Supervisor.

Reads the options of the app from /data/options.json. This process is replaced by the server, so that the server
receives signals from the Supervisor. Another process sends the discovery message once the server is listening.
"""

import json
import logging
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_LOGGER = logging.getLogger("home-assistant-app")

_OPTIONS = Path("/data/options.json")
_PROGRAM = "wyoming-piper-serial-container"
_PORT = 10200
_INGRESS_PORT = 10280
# The Supervisor's address in Home Assistant's network. Ingress and the watchdog connect from this address. Home
# Assistant requires that apps serve their page only to this address.
_SUPERVISOR = "172.30.32.2"
_TOKEN = "SUPERVISOR_TOKEN"  # noqa: S105 -- the name of an environment variable
_LISTEN_TIMEOUT = 3600.0  # Maximum time in seconds until the server listens. It may have to download a voice first.
_ATTEMPTS = 5  # The Supervisor may be busy while Home Assistant starts.
_REQUEST_TIMEOUT = 30.0  # Timeout in seconds of a request to the Supervisor.


def arguments(options: Mapping[str, Any]) -> list[str]:
    """Returns the server's arguments for the options of the app. For missing options, the server's defaults apply."""
    given = [
        f"--uri=tcp://0.0.0.0:{_PORT}",
        f"--http-uri=tcp://0.0.0.0:{_INGRESS_PORT}",
        f"--http-allow={_SUPERVISOR}",
        "--data-dir=/share/piper",
        "--download-dir=/data/voices",
        "--cache-dir=/data/cache",
    ]
    if voice := str(options.get("voice", "")).strip():
        given.append(f"--voice={voice}")
    if speaker := str(options.get("speaker", "")).strip():
        given.append(f"--speaker={speaker}")
    if (speed := float(options.get("speed", 1))) != 1:  # if the speed is 1, each voice uses the speed in its config
        given.append(f"--length-scale={1 / speed:.4f}")
    if (volume := float(options.get("volume", 1))) != 1:
        given.append(f"--volume={volume:g}")
    if options.get("offer_all_voices"):
        given.append("--offer-downloads")
    if options.get("debug_logging"):
        given.append("--debug")
    return given


def announce(supervisor: str, token: str, host: str, port: int = _PORT) -> bool:
    """Waits until the server is listening on `port`, and sends the discovery message. Returns whether this succeeded.

    `supervisor` is the base URL of the Supervisor, and `host` is the host name under which Home Assistant reaches this
    app.
    """
    if not _listens(port):
        _LOGGER.warning("The server is not listening, so it was not announced to Home Assistant.")
        return False
    body = {"service": "wyoming", "config": {"uri": f"tcp://{host}:{port}"}}
    request = urllib.request.Request(  # noqa: S310 -- the URL is that of the Supervisor
        f"{supervisor}/discovery",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    for attempt in range(_ATTEMPTS):
        try:
            with urllib.request.urlopen(request, timeout=_REQUEST_TIMEOUT):  # noqa: S310
                _LOGGER.info("Announced to Home Assistant as %s", body["config"])
                return True
        except OSError as error:  # includes HTTP errors
            _LOGGER.warning("Cannot announce this server to Home Assistant yet: %s", error)
            time.sleep(2**attempt)
    return False


def _listens(port: int) -> bool:
    """Waits until the server accepts connections on `port`. Returns false after an hour."""
    deadline = time.monotonic() + _LISTEN_TIMEOUT
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.5)
        else:
            return True
    return False


def main() -> None:
    """Starts the process that announces the server, and replaces this process with the server."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        options = json.loads(_OPTIONS.read_text(encoding="utf-8"))
        given = arguments(options)
    except (OSError, ValueError, TypeError, AttributeError, ZeroDivisionError) as error:
        sys.exit(f"The options of the app cannot be read from {_OPTIONS}: {error}")
    # The token is removed from the environment, because the server does not need it.
    token = os.environ.pop(_TOKEN, "")
    if token and os.fork() == 0:
        announced = announce("http://supervisor", token, socket.gethostname())
        os._exit(0 if announced else 1)
    os.execvp(_PROGRAM, [_PROGRAM, *given])  # noqa: S606 -- the program is part of the image


if __name__ == "__main__":
    main()
