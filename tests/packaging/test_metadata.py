"""The package metadata, the image and the compose file are consistent with each other and with the program."""

import configparser
import re
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from wyoming_piper_serial.cli.parser import parse_settings

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def config() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(_ROOT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def description() -> str:
    """Return the long description that `setup.py` passes to setuptools."""
    given: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        # A fake module, because a virtual environment need not contain setuptools.
        setuptools = ModuleType("setuptools")
        setattr(setuptools, "setup", given.update)  # noqa: B010 -- the type has no such attribute
        patch.setitem(sys.modules, "setuptools", setuptools)
        runpy.run_path(str(_ROOT / "setup.py"))
    text: str = given["long_description"]
    return text


def test_links_of_the_description_are_absolute(description: str) -> None:
    """On PyPI, every link points to the repository or another site, and every picture is a raw file."""
    targets = re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", description)
    assert targets
    assert [target for _, target in targets if not re.match("https?://|#", target)] == []
    assert all("/raw/v" in target for picture, target in targets if picture)


def test_files_of_the_links_exist(description: str, config: configparser.ConfigParser) -> None:
    """Every link to the repository points to an existing file."""
    address = re.escape(config["metadata"]["url"])
    paths = re.findall(rf"{address}/(?:blob|raw)/v[^/]+/([^)#]+)", description)
    assert paths
    assert [path for path in paths if not (_ROOT / path).exists()] == []


def test_one_address_is_used_everywhere(config: configparser.ConfigParser) -> None:
    """The image labels and the links in the metadata contain the URL of the project."""
    address = config["metadata"]["url"]
    assert all(line.partition(" = ")[2].startswith(address) for line in _lines(config["metadata"]["project_urls"]))
    assert f'image.source="{address}"' in (_ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_constraints_fit_the_requirements(config: configparser.ConfigParser) -> None:
    """The versions pinned for the image satisfy the requirements, and each requirement of the image has a pinned
    version."""
    pinned: dict[str, list[str]] = {}
    for line in (_ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, _, version = line.partition(";")[0].strip().partition("==")
            pinned.setdefault(name.lower(), []).append(version)
    extras = config["options.extras_require"]
    for line in _lines(config["options"]["install_requires"] + extras["http"] + extras["zeroconf"]):
        requirement = Requirement(line)
        versions = pinned[requirement.name.lower().replace("_", "-")]
        assert all(Version(version) in requirement.specifier for version in versions), line


def test_image_contains_what_its_ignore_file_lets_in() -> None:
    """.dockerignore does not exclude any file that the Dockerfile copies."""
    included = set(re.findall(r"^!(.+)$", (_ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    copied: set[str] = set()
    for words in re.findall(r"^COPY (?!--from)(.+)$", (_ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE):
        copied.update(word for word in words.split()[:-1] if not word.startswith("--"))
    assert copied <= included
    assert all((_ROOT / path).exists() for path in copied)


def test_compose_file_has_valid_options_and_the_image_s_health_check() -> None:
    """In compose.yaml, the command and the environment variables are valid options of the server, and the health check
    is the same as in the image."""
    (service,) = yaml.safe_load((_ROOT / "packaging" / "compose.yaml").read_text(encoding="utf-8"))["services"].values()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in service["environment"].items():
            patch.setenv(name, value)
        settings = parse_settings(service["command"].split())
    assert settings.http.uri == "tcp://0.0.0.0:10280"
    dockerfile = (_ROOT / "Dockerfile").read_text(encoding="utf-8")
    check = service["healthcheck"]["test"]
    assert check[0] == "CMD"
    assert "CMD [" + ", ".join(f'"{word}"' for word in check[1:]) + "]" in dockerfile


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]
