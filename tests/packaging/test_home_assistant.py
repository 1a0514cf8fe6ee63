"""The Home Assistant app: its config is valid, its options are converted to arguments of the server, and it announces
the server to the Supervisor."""

import http.server
import importlib.util
import json
import re
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import pytest
import yaml

from wyoming_piper_serial import __version__
from wyoming_piper_serial.cli.parser import parse_settings

_FOLDER = Path(__file__).parents[2] / "packaging" / "home-assistant"
_BOOLEAN = {"type": "boolean"}
_TEXT = {"type": "string", "minLength": 1}
# The config keys supported by the Supervisor that this app may use, without deprecated keys.
_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "version", "slug", "description", "arch"],
    "properties": {
        "name": _TEXT,
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "slug": {"type": "string", "pattern": r"^[-_.A-Za-z0-9]+$"},
        "description": _TEXT,
        "url": {"type": "string", "pattern": "^https://"},
        "arch": {"type": "array", "uniqueItems": True, "items": {"enum": ["aarch64", "amd64"]}},
        "image": {"type": "string", "pattern": r"^[a-z0-9./{}-]+$"},
        "stage": {"enum": ["stable", "experimental", "deprecated"]},
        "startup": {"enum": ["initialize", "system", "services", "application", "once"]},
        "boot": {"enum": ["auto", "manual", "manual_only"]},
        "init": _BOOLEAN,
        "timeout": {"type": "integer", "minimum": 10, "maximum": 300},
        "ports": {
            "type": "object",
            "propertyNames": {"pattern": r"^\d+/(tcp|udp)$"},
            "additionalProperties": {"type": ["integer", "null"], "minimum": 1, "maximum": 65535},
        },
        "discovery": {"type": "array", "items": _TEXT},
        "ingress": _BOOLEAN,
        "ingress_port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "ingress_stream": _BOOLEAN,
        "panel_icon": {"type": "string", "pattern": "^mdi:[a-z-]+$"},
        "panel_title": _TEXT,
        "panel_admin": _BOOLEAN,
        "watchdog": {"type": "string", "pattern": r"^(https?|\[PROTO:\w+\]|tcp)://\[HOST\]:(\[PORT:\d+\]|\d+).*$"},
        "map": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type"],
                "properties": {
                    "type": {"enum": ["share", "ssl", "media", "data", "app_config"]},
                    "read_only": _BOOLEAN,
                    "path": {"type": "string", "pattern": "^/."},
                },
            },
        },
        "backup": {"enum": ["hot", "cold"]},
        "backup_exclude": {"type": "array", "items": _TEXT},
        "options": {"type": "object"},
        "schema": {
            "type": "object",
            "additionalProperties": {
                "type": "string",
                "pattern": r"^(bool|email|url|port|str(\(\d*,\d*\))?|password|int(\(-?\d*,-?\d*\))?"
                r"|float(\(-?\d*\.?\d+,-?\d*\.?\d+\))?|match\(.+\)|list\(.+\))\??$",
            },
        },
    },
}
_TOKEN = "a-token-of-the-supervisor"  # noqa: S105 -- of the fake


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((_FOLDER / "config.yaml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def app() -> ModuleType:
    """Import the app's program, which is not part of the package."""
    spec = importlib.util.spec_from_file_location("run_app", _FOLDER / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_description_is_valid(config: dict[str, Any]) -> None:
    """The config contains only keys and values that the Supervisor supports and that are not deprecated."""
    errors = [error.message for error in jsonschema_rs.Draft202012Validator(_SCHEMA).iter_errors(config)]
    assert not errors


def test_description_fits_the_program(config: dict[str, Any], app: ModuleType) -> None:
    """The version, ports, ingress settings and watchdog URL match the server, and the folder contains the files that
    Home Assistant expects."""
    settings = parse_settings(app.arguments(config["options"]))
    http = f"tcp://0.0.0.0:{config['ingress_port']}"
    assert config["version"] == __version__
    assert f"BUILD_VERSION={__version__}" in (_FOLDER / "Dockerfile").read_text(encoding="utf-8")
    assert settings.http.uri == http
    assert config["watchdog"] == f"http://[HOST]:[PORT:{config['ingress_port']}]/health/live"
    assert list(config["ports"]) == [f"{settings.uri.rpartition(':')[2]}/tcp"]
    # Docker's own init would become process 1, and the health check would not find the server.
    assert config["init"] is False
    assert config["timeout"] > settings.drain_timeout + 3
    assert not (_FOLDER / "build.yaml").exists()
    assert 'io.hass.type="app"' in (_FOLDER / "Dockerfile").read_text(encoding="utf-8")
    for name in ("README.md", "DOCS.md", "CHANGELOG.md", "apparmor.txt"):
        assert (_FOLDER / name).stat().st_size > 0
    assert f"profile {config['slug']} " in (_FOLDER / "apparmor.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "size"), [("icon.png", (128, 128)), ("logo.png", (250, 100))])
def test_pictures_have_the_usual_sizes(name: str, size: tuple[int, int]) -> None:
    """The icon and the logo are PNG files of the recommended sizes."""
    head = (_FOLDER / name).read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == size


def test_every_option_is_described_in_every_language(config: dict[str, Any]) -> None:
    """Each translation names and describes every option and port, and nothing else. The English names are in
    DOCS.md."""
    translations = sorted((_FOLDER / "translations").glob("*.yaml"))
    assert [path.stem for path in translations] == ["de", "en"]
    for path in translations:
        texts = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert list(texts["configuration"]) == list(config["schema"])
        assert all(text["name"] and text["description"] for text in texts["configuration"].values())
        assert list(texts["network"]) == list(config["ports"])
    english = yaml.safe_load((_FOLDER / "translations" / "en.yaml").read_text(encoding="utf-8"))
    docs = (_FOLDER / "DOCS.md").read_text(encoding="utf-8")
    assert all(f"| {text['name']} |" in docs for text in english["configuration"].values())


def test_defaults_are_valid_options(config: dict[str, Any]) -> None:
    """An option of the app has a default if and only if its type does not end with `?`."""
    assert {name for name, kind in config["schema"].items() if not kind.endswith("?")} == set(config["options"])


def test_default_options_are_the_defaults_of_the_server(config: dict[str, Any], app: ModuleType) -> None:
    """With the default options, each voice uses its own speed and volume, and all public voices are offered."""
    settings = parse_settings(app.arguments(config["options"]))
    default = parse_settings([])
    assert settings.voice == default.voice
    assert settings.synthesis == default.synthesis
    assert settings.downloads.offered
    assert not settings.logging.debug
    assert settings.data_dirs == (Path("/share/piper"),)
    assert settings.download_folder == Path("/data/voices")
    assert settings.cache_dir == Path("/data/cache")
    assert [str(network) for network in settings.http.allow] == ["172.30.32.2/32"]


@pytest.mark.parametrize("options", [{}, {"voice": " ", "speaker": ""}])
def test_missing_options_have_defaults(options: dict[str, Any], app: ModuleType) -> None:
    """For missing or blank options, the server's defaults apply."""
    settings = parse_settings(app.arguments(options))
    assert (settings.voice, settings.speaker) == (parse_settings([]).voice, None)


def test_options_become_arguments(app: ModuleType) -> None:
    """Each option changes the corresponding setting of the server. The text of an option is never parsed as another
    option."""
    options = {"voice": "--help", "speaker": "-x y", "speed": 2, "volume": 0.5, "debug_logging": True}
    settings = parse_settings(app.arguments(options))
    assert (settings.voice, settings.speaker) == ("--help", "-x y")
    assert (settings.synthesis.length_scale, settings.synthesis.volume) == (0.5, 0.5)
    assert settings.logging.debug
    assert not settings.downloads.offered


class _Supervisor(http.server.ThreadingHTTPServer):
    """A fake Supervisor that accepts discovery messages like the real one. The first `failures` requests fail."""

    def __init__(self, services: list[str], failures: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.services = services
        self.failures = failures
        self.messages: list[Any] = []


class _Api(http.server.BaseHTTPRequestHandler):
    server: _Supervisor

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self._status(body))
        self.end_headers()

    def _status(self, body: bytes) -> int:
        if self.headers["Authorization"] != f"Bearer {_TOKEN}":
            return 401
        if self.server.failures:
            self.server.failures -= 1
            return 503
        message = json.loads(body)
        if (
            self.path != "/discovery"
            or set(message) != {"service", "config"}
            or not isinstance(message["config"], dict)
        ):
            return 400
        if message["service"] not in self.server.services:
            return 403
        self.server.messages.append(message)
        return 200

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def supervisor(config: dict[str, Any]) -> Iterator[_Supervisor]:
    with _Supervisor(config["discovery"]) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def port() -> Iterator[int]:
    """Return a port on which a server is listening."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_server_is_announced(supervisor: _Supervisor, app: ModuleType, port: int) -> None:
    """The discovery message has the format and token that the Supervisor requires, and its service is listed in the
    config."""
    assert app.announce(f"http://127.0.0.1:{supervisor.server_port}", _TOKEN, "local-piper", port)
    assert supervisor.messages == [{"service": "wyoming", "config": {"uri": f"tcp://local-piper:{port}"}}]


def test_busy_supervisor_is_asked_again(
    supervisor: _Supervisor, app: ModuleType, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the Supervisor cannot respond yet, the message is sent again, with increasing delays."""
    pauses: list[float] = []
    monkeypatch.setattr(app.time, "sleep", pauses.append)
    supervisor.failures = 2
    assert app.announce(f"http://127.0.0.1:{supervisor.server_port}", _TOKEN, "local-piper", port)
    assert (pauses, len(supervisor.messages)) == ([1, 2], 1)


def test_wrong_token_is_no_endless_loop(
    supervisor: _Supervisor, app: ModuleType, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the Supervisor refuses the token, the app gives up after a few attempts, and the server continues to run."""
    pauses: list[float] = []
    monkeypatch.setattr(app.time, "sleep", pauses.append)
    assert not app.announce(f"http://127.0.0.1:{supervisor.server_port}", "wrong", "local-piper", port)
    assert (len(pauses), supervisor.messages) == (5, [])


def test_server_that_never_listens_is_not_announced(
    supervisor: _Supervisor, app: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the server is not listening, no discovery message is sent."""
    monkeypatch.setattr(app, "_LISTEN_TIMEOUT", 0.0)
    assert not app.announce(f"http://127.0.0.1:{supervisor.server_port}", _TOKEN, "local-piper", 1)
    assert not supervisor.messages


def test_repository_names_the_same_project(config: dict[str, Any]) -> None:
    """The file with which Home Assistant adds this repository contains the same URL as the app's config."""
    repository = yaml.safe_load((_FOLDER.parents[1] / "repository.yaml").read_text(encoding="utf-8"))
    assert repository["url"] == config["url"]
    assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", repository["url"])
