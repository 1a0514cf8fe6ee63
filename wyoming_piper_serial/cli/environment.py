"""Finds environment variables that look like options of the server, but set none."""

import re
from collections.abc import Iterable, Mapping

from wyoming_piper_serial.cli.arguments import CONFIG
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import ENVIRONMENT_PREFIX, grouped
from wyoming_piper_serial.suggestions import did_you_mean

# Kubernetes sets these variables in every container if a service has the name `wyoming-piper-serial`.
_KUBERNETES = re.compile(r"(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)")


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Returns a warning for each variable in `environment` that has the prefix of this program, but is not the variable
    of an option."""
    known = [CONFIG.variable, *(one.variable for group in grouped(Settings).values() for one in group.values())]
    return [
        f"The environment variable {name} is not used: there is no such option.{did_you_mean(name, known)}"
        for name in _ours(environment)
        if name not in known
    ]


def _ours(environment: Iterable[str]) -> list[str]:
    return sorted(
        name
        for name in environment
        if name.startswith(ENVIRONMENT_PREFIX) and not _KUBERNETES.fullmatch(name.removeprefix(ENVIRONMENT_PREFIX))
    )
