"""Adds the long description to the metadata: the README with absolute links, because PyPI shows it on another site."""

import configparser
import re
from pathlib import Path

from setuptools import setup

_ROOT = Path(__file__).resolve().parent
# A Markdown link or picture whose target is a file in the repository: not a URL, and not a heading on the same page.
_RELATIVE = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?P<target>(?![a-z]+:|#)[^)\s]+)\)")


def _readme(address: str, version: str) -> str:
    """Returns the README with absolute links to the files of this version."""

    def absolute(match: re.Match[str]) -> str:
        kind = "raw" if match["picture"] else "blob"
        return f"{match['picture']}[{match['text']}]({address}/{kind}/v{version}/{match['target']})"

    return _RELATIVE.sub(absolute, (_ROOT / "README.md").read_text(encoding="utf-8"))


def _version() -> str:
    text = (_ROOT / "wyoming_piper_serial" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("wyoming_piper_serial/__init__.py contains no version")
    return found[1]


def _address() -> str:
    config = configparser.ConfigParser()
    config.read(_ROOT / "setup.cfg", encoding="utf-8")
    return config["metadata"]["url"]


setup(long_description=_readme(_address(), _version()), long_description_content_type="text/markdown")
