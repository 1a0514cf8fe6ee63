"""Tests for reading the list of public voices. The content of the list is checked, because it comes from the
network."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial.voices.remote.index import (
    LIST_NAME,
    MAX_LIST,
    BadVoiceList,
    compact,
    load_public,
    parse_public,
    shipped_voices,
    usable_voices,
)

NAME = "de_DE-mixed_up-x_low"
_MD5 = "0123456789abcdef" * 2
# hypothesis warns that a fixture runs once per test, not once per example. The warning does not apply here, because no
# fixture holds state of the tested code.
_PROPERTY = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=5,
)


def entry(**changes: Any) -> dict[str, Any]:
    """Return a voice entry in the format of Piper's `voices.json`."""
    raw: dict[str, Any] = {
        "key": NAME,
        "name": "mixed_up",
        "language": {"code": "de_DE", "family": "de", "region": "DE", "name_native": "Deutsch"},
        "quality": "x_low",
        "num_speakers": 2,
        "speaker_id_map": {"berta": 1, "anton": 0},
        "files": {
            f"de/de_DE/mixed_up/x_low/{NAME}.onnx": {"size_bytes": 20_000_000, "md5_digest": _MD5},
            f"de/de_DE/mixed_up/x_low/{NAME}.onnx.json": {"size_bytes": 5000, "md5_digest": _MD5[::-1]},
            "de/de_DE/mixed_up/x_low/MODEL_CARD": {"size_bytes": 300, "md5_digest": _MD5},
        },
        "aliases": ["de-mixed-up-x-low"],
    }
    return raw | changes


def listed(**changes: Any) -> bytes:
    return json.dumps({NAME: entry(**changes)}).encode()


def files(model: str = f"de/{NAME}.onnx", **changes: Any) -> dict[str, Any]:
    return {
        model: {"size_bytes": 20_000_000, "md5_digest": _MD5} | changes,
        f"de/{NAME}.onnx.json": {"size_bytes": 5000, "md5_digest": _MD5},
    }


def test_voice_is_read_from_pipers_list() -> None:
    """An entry of Piper's `voices.json` becomes a PublicVoice with names, speakers and files."""
    (voice,) = parse_public(listed())
    assert (voice.name, voice.language, voice.quality) == (NAME, "de_DE", "x_low")
    assert (voice.num_speakers, list(voice.speakers.items())) == (2, [("anton", 0), ("berta", 1)])
    assert voice.aliases == ("de-mixed-up-x-low",)
    assert (voice.model.path, voice.model.size) == (f"de/de_DE/mixed_up/x_low/{NAME}.onnx", 20_000_000)
    assert (voice.config.md5, voice.size) == (_MD5[::-1], 20_005_000)
    assert voice.files == (voice.model, voice.config)
    assert voice.description == "mixed_up (x_low)"


def test_voices_are_sorted_by_name() -> None:
    """The voices in a parsed list are sorted by name."""
    names = ["sv_SE-b-low", "de_DE-c-low", "sv_SE-a-low"]
    content = compact(public_voice(name) for name in names)
    assert [voice.name for voice in parse_public(content)] == sorted(names)


def test_compact_list_has_a_line_for_each_voice() -> None:
    """A list in the package's format has one line per voice. Parsing the list returns the same voices."""
    voices = (*parse_public(listed()), public_voice("pt_PT-tugão-medium"))
    content = compact(voices)
    assert parse_public(content) == voices
    assert len(content.splitlines()) == len(voices) + 2
    assert "tugão" in content.decode()


def test_shipped_list_is_complete_and_as_the_script_writes_it() -> None:
    """The list in the package contains 176 voices, in the format that `script/update_public_voices` writes."""
    voices = shipped_voices()
    by_name = {voice.name: voice for voice in voices}
    assert len(voices) == 176
    assert by_name["en_US-libritts-high"].num_speakers == len(by_name["en_US-libritts-high"].speakers) == 904
    assert by_name["en_US-joe-medium"].model.md5 == "74fd6a4dc39e0aa9dce145d7f5acd4f6"
    shown = Path(__file__).parents[3] / "voices" / "public.json"
    assert shown.read_bytes() == compact(voices)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"{",
        b"[]",
        b"7",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'{"x": ' * 50_000,
        b'{"x": ' + b"[" * 5000 + b", " + json.dumps({NAME: entry()}).encode()[1:],
        b'{"x": "' + b'\\"' * 500_000,
        b" " * (MAX_LIST + 1),
        b'{"a": [' + b"[]," * 100_000 + b"1]}",
        json.dumps({f"v{number}": {} for number in range(1001)}).encode(),
        json.dumps({NAME: 7}).encode(),
        json.dumps({f"../{NAME}": entry()}).encode(),
        json.dumps({"-rf": entry()}).encode(),
        json.dumps({".hidden": entry()}).encode(),
        json.dumps({"": entry()}).encode(),
        json.dumps({"x" * 101: entry()}).encode(),
        json.dumps({"a b": entry()}).encode(),
        json.dumps({"a\n": entry()}).encode(),
        b'{"v": NaN}',
        b'{"v": ' + b"9" * 5000 + b"}",
    ],
)
def test_content_that_is_not_a_list_is_refused(content: bytes) -> None:
    """Content that is not a list of voices, or has no usable entry, raises BadVoiceList with a short message."""
    with pytest.raises(BadVoiceList) as caught:
        parse_public(content)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "changes",
    [
        {"files": 7},
        {"files": {}},
        {"files": files(f"../{NAME}.onnx")},
        {"files": files(f"/etc/{NAME}.onnx")},
        {"files": files(f"de/../../{NAME}.onnx")},
        {"files": files(f"de//{NAME}.onnx")},
        {"files": files(f"de\\{NAME}.onnx")},
        {"files": files(f"https://evil/{NAME}.onnx")},
        {"files": files(f"a?b/{NAME}.onnx")},
        {"files": files(f"a\r\nb/{NAME}.onnx")},
        {"files": files("x" * 600 + ".onnx")},
        {"files": files(size_bytes=0)},
        {"files": files(size_bytes=-1)},
        {"files": files(size_bytes=True)},
        {"files": files(size_bytes=1.5)},
        {"files": files(size_bytes=3 << 30)},
        {"files": files(md5_digest=None)},
        {"files": files(md5_digest="x" * 32)},
        {"files": files(md5_digest=_MD5 + "0")},
        {"files": {**files(), "second.onnx": {"size_bytes": 1, "md5_digest": _MD5}}},
        {"files": {f"a{number}": {} for number in range(50)}},
        {"language": None},
        {"language": {"code": "de_DE/.."}},
        {"quality": 7},
        {"quality": ""},
        {"num_speakers": 0},
        {"num_speakers": 10**9},
        {"speaker_id_map": [1]},
        {"speaker_id_map": {"a": 2}},
        {"speaker_id_map": {"a": -1}},
        {"speaker_id_map": {"a": False}},
        {"speaker_id_map": {"a": "0"}},
        {"speaker_id_map": {"": 0}},
        {"speaker_id_map": {"a\x1b[2J": 0}},
        {"aliases": "de"},
        {"aliases": [7]},
        {"aliases": ["../x"]},
        {"aliases": ["a"] * 101},
    ],
)
def test_voice_that_could_do_harm_is_refused_by_name(changes: dict[str, Any]) -> None:
    """An entry with an unsafe path, or an invalid size, digest, number or name, raises BadVoiceList. The message names
    the voice."""
    with pytest.raises(BadVoiceList, match=NAME):
        parse_public(listed(**changes))


def test_list_of_very_many_speakers_is_cut() -> None:
    """A voice is omitted if the total number of speakers would exceed 20,000, because `describe` lists every
    speaker."""
    content = json.dumps({f"{name}{NAME}": entry(num_speakers=10_000, speaker_id_map={}) for name in "abcd"}).encode()
    voices, problems = usable_voices(content)
    assert [voice.name[0] for voice in voices] == ["a", "b"]
    assert [problem.split(": ")[1] for problem in problems] == ["the voices have more than 20000 speakers"] * 2


def test_odd_entries_are_left_out_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Unusable entries are omitted. A single warning states their number and the problem with the first one."""
    good = "sv_SE-good-low"
    content = json.dumps(
        {NAME: entry(), "a b": entry(), good: entry(), "de_DE-odd-low": entry(num_speakers=0)}
    ).encode()
    assert [voice.name for voice in parse_public(content)] == [NAME, good]
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "2 unusable entries omitted" in record.getMessage()
    assert "'a b'" in record.getMessage()
    assert "odd" not in record.getMessage()
    caplog.clear()
    voices, problems = usable_voices(content)
    assert [voice.name for voice in voices] == [NAME, good]
    assert [problem.split()[0] for problem in problems] == ["'a", "de_DE-odd-low:"]
    assert caplog.records == []


@pytest.mark.parametrize(
    "odd",
    [
        *(b"null", b"[]", b"7", b'"text"', b"{}", b"NaN", b"1e999", b"[[[[[[[[[[]]]]]]]]]]"),
        *(b"[" * depth + b"]" * depth for depth in (31, 32, 33, 990, 5000, 100_000)),
        b'{"quality": ' + b'{"a": [' * 5000 + b'"]}"' + b"]}" * 5000 + b"}",
        b'"' + b"[" * 5000 + b'\\"' + b"]" * 5000 + b'"',
        b"9" * 5000,
        b'{"num_speakers": ' + b"9" * 5000 + b"}",
        b'{"quality": "\xff\xfe broken"}',
        b'{"quality": "\\ud800"}',
        b'{"files": {"a/\xc3": 1}}',
    ],
)
def test_odd_entry_does_not_spoil_the_others(odd: bytes) -> None:
    """If the list as a whole is valid JSON, an unusable entry does not affect other entries, even if the unusable entry
    contains invalid UTF-8."""
    content = b'{"odd-one": ' + odd + b", " + json.dumps({NAME: entry()}).encode()[1:]
    voices, problems = usable_voices(content)
    assert [voice.name for voice in voices] == [NAME]
    assert len(problems) == 1


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@_PROPERTY
@given(_ANY_JSON, st.text(st.characters()))
def test_any_json_in_an_entry_does_not_spoil_the_others(value: object, name: str) -> None:
    """An entry with an arbitrary name and JSON value is either used or omitted. The other entries are used, and no
    exception is raised."""
    changed = entry() | {"files": value}
    for odd in (value, changed, entry(num_speakers=value), entry(speaker_id_map=value), entry(aliases=value)):
        voices, _ = usable_voices(json.dumps({name: odd, NAME: entry()}).encode())
        assert NAME in {voice.name for voice in voices}


def test_refreshed_list_with_odd_entries_is_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A downloaded list with some unusable entries is used, and one warning is logged."""
    (tmp_path / LIST_NAME).write_bytes(json.dumps({NAME: entry(), "x": 7}).encode())
    assert [voice.name for voice in load_public(tmp_path)] == [NAME]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize("missing", ["language", "quality", "num_speakers", "files"])
def test_voice_that_lacks_something_is_refused(missing: str) -> None:
    """An entry without a language, quality, number of speakers or files raises BadVoiceList. The message names the
    voice."""
    raw = entry()
    del raw[missing]
    with pytest.raises(BadVoiceList, match=NAME):
        parse_public(json.dumps({NAME: raw}).encode())


def test_refreshed_list_is_used_instead_of_the_shipped_one(tmp_path: Path) -> None:
    """The list in the download folder is used instead of the list in the package."""
    assert load_public() == load_public(tmp_path) == load_public(tmp_path / "nowhere") == shipped_voices()
    (tmp_path / LIST_NAME).write_bytes(listed())
    assert [voice.name for voice in load_public(tmp_path)] == [NAME]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"<html>"),
        lambda path: path.write_bytes(listed(num_speakers=0)),
        lambda path: path.mkdir(),
    ],
)
def test_refreshed_list_that_cannot_be_used_is_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], object]
) -> None:
    """If the list in the download folder is unusable, one warning is logged, and the list in the package is used."""
    spoil(tmp_path / LIST_NAME)
    assert load_public(tmp_path) == shipped_voices()
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert LIST_NAME in record.getMessage()
