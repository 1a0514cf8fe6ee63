"""Small voices for tests of the API and the page, in a folder and on a local download server."""

import json
from pathlib import Path

from tests.fixture_voices import FIXTURES, FixtureVoices
from tests.voices.remote.mirror import Mirror, file_of
from wyoming_piper_serial.voices.remote.index import LIST_NAME, PublicVoice, compact

_ONE, _MANY = "en_US-one_old-medium", "en_US-many_old-medium"
HERE = "en_US-small-medium"
CROWD = "en_GB-crowd-low"
BROKEN = "de_DE-broken-low"
ABSENT = "fr_FR-anna-low"
OTHER = "de_DE-klaus-x_low"


def files_of(voices: FixtureVoices, name: str, source: str = _ONE) -> tuple[bytes, bytes]:
    """Return the model and the config of a small voice with the given name."""
    language, dataset, quality = name.split("-")
    config = json.loads((FIXTURES / f"{source}.onnx.json").read_text())
    config["dataset"] = dataset
    config["language"]["code"] = language
    config["audio"]["quality"] = quality
    return voices.model(source).read_bytes(), json.dumps(config).encode()


def put(voices: FixtureVoices, folder: Path, name: str, source: str = _ONE) -> None:
    """Add a voice to `folder`."""
    model, config = files_of(voices, name, source)
    (folder / f"{name}.onnx.json").write_bytes(config)
    (folder / f"{name}.onnx").write_bytes(model)


def prepare(voices: FixtureVoices, folder: Path) -> Mirror:
    """Add two valid voices and a broken one to `folder`. Return a download server with two other voices, which are on
    the public list in the folder. The default voice is chosen by users, not by an option."""
    put(voices, folder, HERE)
    put(voices, folder, CROWD, _MANY)
    put(voices, folder, BROKEN)
    (folder / f"{BROKEN}.onnx").write_bytes(b"<html>")
    (folder / "settings.json").write_text(json.dumps({"default": HERE}))
    content: dict[str, bytes] = {}
    listed = []
    for name in (ABSENT, OTHER):
        model, config = files_of(voices, name)
        language, dataset, quality = name.split("-")
        base = f"{language[:2]}/{language}/{dataset}/{quality}/{name}.onnx"
        voice = PublicVoice(
            name=name,
            language=language,
            quality=quality,
            num_speakers=1,
            speakers={},
            model=file_of(base, model),
            config=file_of(f"{base}.json", config),
        )
        listed.append(voice)
        content |= {base: model, f"{base}.json": config}
    (folder / LIST_NAME).write_bytes(compact(listed))
    return Mirror(content)
