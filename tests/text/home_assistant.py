"""Renders answers of Home Assistant from the templates in the package `home-assistant-intents`."""

import datetime
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import jinja2

# Names of languages in the package that differ from the language codes of Piper's voices.
NAMES = {"no": "nb", "zh": "zh-CN", "pt": "pt-BR", "pt_PT": "pt"}
_INTENTS = (
    *("HassGetState", "HassClimateGetTemperature", "HassClimateSetTemperature", "HassGetWeather"),
    *("HassGetCurrentDate", "HassGetCurrentTime"),
)
_KINDS = {"HassGetState": {"one"}}


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(autoescape=False)  # noqa: S701 -- no HTML
    environment.filters |= {"float": _number(float), "int": _number(int)}
    return environment


def _number(kind: Any) -> Any:
    def convert(value: Any, default: Any = 0) -> Any:
        try:
            return kind(float(value)) if kind is int else kind(value)
        except (TypeError, ValueError):
            return default

    return convert


@cache
def templates(language: str) -> dict[tuple[str, str], jinja2.Template]:
    """Return the answer templates of a language by intent and response key."""
    name = NAMES.get(language, language)
    source = files("home_assistant_intents").joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    intents = json.loads(source)["responses"]["intents"]
    return {
        (intent, kind): _environment().from_string(template)
        for intent in _INTENTS
        for kind, template in intents.get(intent, {}).items()
        if kind in _KINDS.get(intent, {kind})
    }


def answers(language: str, value: float, unit: str, when: datetime.datetime) -> Iterator[tuple[str, str]]:
    """Yield the intent and the text of each answer about a sensor with the given value. Empty answers are skipped."""
    attributes = {
        "temperature": value,
        "temperature_unit": unit,
        "current_temperature": value,
        "wind_speed": value,
        "wind_speed_unit": "km/h",
        "wind_bearing": 90,
        "pressure": 1013.2,
        "pressure_unit": "hPa",
        "humidity": 45,
        "uv_index": 3,
        "unit_of_measurement": unit,
    }
    state = SimpleNamespace(
        state=str(value),
        state_with_unit=f"{value} {unit}",
        attributes=attributes,
        entity_id="sensor.one",
        name="x",
        domain="sensor",
    )
    slots = {"name": "sensor", "temperature": value, "date": when.date(), "time": when.time()}
    context = {
        "state": state,
        "slots": slots,
        "query": SimpleNamespace(matched=[], unmatched=[]),
        "state_attr": lambda _entity, name: attributes.get(name),
    }
    for (intent, _kind), template in templates(language).items():
        try:
            text = " ".join(template.render(context).split())
        except (jinja2.UndefinedError, TypeError, ValueError):
            continue  # the template needs data that only a running Home Assistant provides
        if text:
            yield intent, text
