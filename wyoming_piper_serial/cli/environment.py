"""Finds environment variables that look like server options, but do not match any."""

import re
from collections.abc import Iterable, Mapping

from wyoming_piper_serial.cli.arguments import CONFIG
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import ENVIRONMENT_PREFIX, grouped
from wyoming_piper_serial.suggestions import similar

# Kubernetes sets these variables in every container if there is a service named `wyoming-piper-serial`.
_KUBERNETES = re.compile(r"(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)")


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Returns a warning for each variable in `environment` that has this program's prefix, but does not match an
    option."""
    options = [CONFIG, *(one for group in grouped(Settings).values() for one in group.values())]
    known = [one.variable.removeprefix(ENVIRONMENT_PREFIX) for one in options]
    return [
        f"The environment variable {ENVIRONMENT_PREFIX}{name} is not used: there is no such option.{_hint(name, known)}"
        for name in _ours(environment)
        if name not in known
    ]


def _hint(name: str, known: Iterable[str]) -> str:
    meant = similar(name, known)
    return f" Did you mean {ENVIRONMENT_PREFIX}{meant}?" if meant else ""


def _ours(environment: Iterable[str]) -> list[str]:
    """Returns the names that begin with this program's prefix, without the prefix. Omits the variables that Kubernetes
    sets."""
    names = sorted(name.removeprefix(ENVIRONMENT_PREFIX) for name in environment if name.startswith(ENVIRONMENT_PREFIX))
    return [name for name in names if not _KUBERNETES.fullmatch(name)]
