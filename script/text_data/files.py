"""Writes the data files of languages and regions."""

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from script.text_data.extract import REGIONS, Language
from script.text_data.words import SIGNS

TARGET = Path(__file__).resolve().parent.parent.parent / "wyoming_piper_serial" / "text" / "data"


@functools.cache
def data_of(code: str) -> dict[str, Any]:
    """Return the data of a language or region."""
    return Language(code).data()


def difference(data: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of `data` that differ from `base`. Nested dictionaries are compared entry by entry."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        if value == base[key]:
            continue
        found[key] = (
            {name: one for name, one in value.items() if base[key].get(name) != one}
            if isinstance(value, dict)
            else value
        )
    return found


def write(codes: Sequence[str]) -> None:
    """Write the data files of the given languages and regions, or of all of them if none are given."""
    TARGET.mkdir(exist_ok=True)
    files = {}
    for code in codes or (*SIGNS, *REGIONS):
        base = code.partition("_")[0]
        files[code] = data_of(code) if code == base else difference(data_of(code), data_of(base))
    for code, data in files.items():
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        (TARGET / f"{code}.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(files)} files, {sum(path.stat().st_size for path in TARGET.glob('*.json'))} bytes: {TARGET}")
