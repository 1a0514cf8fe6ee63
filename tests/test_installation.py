"""Hints show the command that matches the way in which the program was installed."""

import json
from collections.abc import Callable
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution
from pathlib import Path

import pytest

from wyoming_piper_serial import installation

Environment = Callable[[Path], Path]


def pipx_installed(folder: Path) -> Path:
    prefix = folder / "pipx" / "venvs" / "wyoming-piper-serial"
    prefix.mkdir(parents=True)
    (prefix / "pipx_metadata.json").touch()
    return prefix


def pipx_run(folder: Path) -> Path:
    prefix = folder / ".cache" / "pipx" / "1f7b98a94e328b3"
    prefix.mkdir(parents=True)
    (prefix / "pipx_metadata.json").touch()
    return prefix


def uv_tool(folder: Path) -> Path:
    prefix = folder / "uv" / "tools" / "wyoming-piper-serial"
    prefix.mkdir(parents=True)
    (prefix / "uv-receipt.toml").touch()
    return prefix


def uvx(folder: Path) -> Path:
    return folder / "uv" / "archive-v0" / "ZNIyr9o"


def venv(folder: Path) -> Path:
    return folder / "venv"


@pytest.mark.parametrize(
    ("environment", "extra", "package"),
    [
        (
            pipx_installed,
            "pipx install --force 'wyoming_piper_serial[http]'",
            "pipx inject wyoming_piper_serial 'piper-tts[zh]'",
        ),
        (
            pipx_run,
            "pipx run --spec 'wyoming_piper_serial[http]' wyoming-piper-serial",
            "pip install 'piper-tts[zh]'",
        ),
        (
            uv_tool,
            "uv tool install 'wyoming_piper_serial[http]'",
            "uv tool install --with 'piper-tts[zh]' 'wyoming_piper_serial'",
        ),
        (uvx, "uvx --from 'wyoming_piper_serial[http]' wyoming-piper-serial", "pip install 'piper-tts[zh]'"),
        (venv, "pip install 'wyoming_piper_serial[http]'", "pip install 'piper-tts[zh]'"),
    ],
)
def test_hint_fits_the_installation(
    environment: Environment, extra: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hints for an extra and for another package name the program that created the environment."""
    monkeypatch.setattr("sys.prefix", str(environment(tmp_path)))
    monkeypatch.setattr(PathDistribution, "read_text", lambda self, name: None)
    monkeypatch.setattr(installation, "_is_installed", lambda module: False)
    assert installation.extra_command("http") == extra
    assert installation.package_command("piper-tts[zh]") == package


@pytest.mark.parametrize(
    ("modules", "added", "expected"),
    [
        (("fastapi",), "zeroconf", "[web,zeroconf]"),
        (("fastapi",), "http", "[http]"),
        (("fastapi", "av"), "zeroconf", "[http,zeroconf]"),
        (("zeroconf",), "http", "[http,zeroconf]"),
        ((), "zeroconf", "[zeroconf]"),
    ],
)
@pytest.mark.parametrize("environment", [pipx_installed, pipx_run, uv_tool, uvx])
def test_hint_keeps_the_installed_extras(
    environment: Environment,
    modules: tuple[str, ...],
    added: str,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """pipx and uv replace the whole environment, so the hint also names the extras that are already installed."""
    monkeypatch.setattr("sys.prefix", str(environment(tmp_path)))
    monkeypatch.setattr(PathDistribution, "read_text", lambda self, name: None)
    monkeypatch.setattr(installation, "_is_installed", lambda module: module in modules)
    assert f"'wyoming_piper_serial{expected}'" in installation.extra_command(added)


def test_hint_for_a_package_keeps_the_installed_extras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`uv tool install --with` replaces the environment, too."""
    monkeypatch.setattr("sys.prefix", str(uv_tool(tmp_path)))
    monkeypatch.setattr(installation, "_is_installed", lambda module: module == "fastapi")
    expected = "uv tool install --with 'piper-tts[zh]' 'wyoming_piper_serial[web]'"
    assert installation.package_command("piper-tts[zh]") == expected


@pytest.mark.parametrize("extra", ["web", "http", "zeroconf"])
def test_installed_extras_are_recognized(extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each extra of setup.cfg that users install is recognized. The environment of the tests contains all of them."""
    monkeypatch.setattr("sys.prefix", str(uv_tool(tmp_path)))
    monkeypatch.setattr(PathDistribution, "read_text", lambda self, name: None)
    assert installation.extra_command(extra) == "uv tool install 'wyoming_piper_serial[http,zeroconf]'"


@pytest.mark.parametrize(
    ("direct_url", "expected"),
    [
        ({"url": "file:///clone", "dir_info": {"editable": True}}, "script/setup http"),
        ({"url": "file:///clone", "dir_info": {}}, "pip install 'wyoming_piper_serial[http]'"),
        ({"url": "file:///a.whl", "archive_info": {}}, "pip install 'wyoming_piper_serial[http]'"),
    ],
)
def test_clone_is_set_up_by_its_script(
    direct_url: object, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a clone, the package is installed in place, and the hint names the setup script. A package that was installed
    from a folder or from a wheel is not a clone."""
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setattr(PathDistribution, "read_text", lambda self, name: json.dumps(direct_url))
    assert installation.extra_command("http") == expected


def test_source_without_an_installation_is_a_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the package is not installed at all, its source code is used in place, as in a clone."""

    def missing(name: str) -> Distribution:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(Distribution, "from_name", missing)
    assert installation.extra_command("http") == "script/setup http"
