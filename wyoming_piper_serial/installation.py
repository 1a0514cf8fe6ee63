"""Detects how the program was installed, so that hints can show the right command for adding a package."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

DISTRIBUTION = "wyoming_piper_serial"
"""Name of the package on PyPI."""

_PROGRAM = "wyoming-piper-serial"
_PIPX_FILE = "pipx_metadata.json"  # a file in every environment created by pipx
_PIPX_INSTALLED = (
    "venvs"  # folder of the environments created by `pipx install`, but not of those created by `pipx run`
)
_UV_TOOL_FILE = "uv-receipt.toml"  # a file in every environment created by `uv tool install`
_UV_RUN = {"archive-v0", "environments-v2"}  # folders in uv's cache that contain the environments of `uvx`

# For each extra, a module that is installed only with it. `http` includes `web`.
_MODULES = {"web": "fastapi", "http": "av", "zeroconf": "zeroconf"}


def extra_command(extra: str) -> str:
    """Returns the shell command that adds an extra of this program to the running installation. For `pipx run` and
    `uvx`, returns the command that starts the program with this extra."""
    return _extra_command(extra, Path(sys.prefix), is_clone=_is_editable())


def package_command(requirement: str) -> str:
    """Returns the shell command that adds another package to the running installation. The command contains no path, so
    it can be shown to clients."""
    return _package_command(requirement, Path(sys.prefix))


def _extra_command(extra: str, prefix: Path, *, is_clone: bool) -> str:
    if is_clone:
        return f"script/setup {extra}"
    whole = f"'{_with_extras(extra)}'"  # pipx and uv create the environment again, so the command names all extras
    if (prefix / _PIPX_FILE).is_file():
        if prefix.parent.name == _PIPX_INSTALLED:
            return f"pipx install --force {whole}"
        return f"pipx run --spec {whole} {_PROGRAM}"
    if (prefix / _UV_TOOL_FILE).is_file():
        return f"uv tool install {whole}"
    if not _UV_RUN.isdisjoint(prefix.parts):
        return f"uvx --from {whole} {_PROGRAM}"
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def _package_command(requirement: str, prefix: Path) -> str:
    if (prefix / _PIPX_FILE).is_file() and prefix.parent.name == _PIPX_INSTALLED:
        return f"pipx inject {DISTRIBUTION} '{requirement}'"
    if (prefix / _UV_TOOL_FILE).is_file():
        return f"uv tool install --with '{requirement}' '{_with_extras()}'"
    return f"pip install '{requirement}'"


def _with_extras(*added: str) -> str:
    """Returns the requirement for this program with the extras that are installed and those that are added."""
    extras = {*added, *(extra for extra, module in _MODULES.items() if _is_installed(module))}
    if "http" in extras:
        extras.discard("web")
    return f"{DISTRIBUTION}[{','.join(sorted(extras))}]" if extras else DISTRIBUTION


def _is_installed(module: str) -> bool:
    return find_spec(module) is not None


def _is_editable() -> bool:
    """Returns whether the package is used in place, as in an editable install (PEP 610)."""
    from importlib.metadata import Distribution, PackageNotFoundError  # noqa: PLC0415 -- 20 ms, and only for hints

    try:
        text = Distribution.from_name(DISTRIBUTION).read_text("direct_url.json")
    except PackageNotFoundError:
        return True  # the source code is run without being installed
    return text is not None and bool(json.loads(text).get("dir_info", {}).get("editable"))
