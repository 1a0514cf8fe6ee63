"""KnownVoices contains the installed voices and the voices in the public list, as shown by the command `voices`."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.voices.remote.mirror import MODEL, NAME, config_of, public_voice
from wyoming_piper_serial.voices.files import list_folder
from wyoming_piper_serial.voices.inventory import voice_files
from wyoming_piper_serial.voices.known import KnownVoice, KnownVoices
from wyoming_piper_serial.voices.remote.index import PublicVoice

OWN = "fr_FR-mine-medium"
PUBLIC = public_voice()
OTHER = replace(public_voice("de_DE-other_one-low"), aliases=("de-old-name",))


def install(folder: Path, name: str = NAME) -> None:
    (folder / f"{name}.onnx").write_bytes(MODEL)
    (folder / f"{name}.onnx.json").write_bytes(config_of(name))


def known(*folders: Path, public: tuple[PublicVoice, ...] = (PUBLIC, OTHER)) -> KnownVoices:
    return KnownVoices(voice_files([(folder, list_folder(folder)) for folder in folders]), public)


def voice(voices: KnownVoices, name: str) -> KnownVoice:
    found = voices.find(name)
    assert found is not None
    return found


def test_voices_are_the_installed_and_the_public_ones(tmp_path: Path) -> None:
    """The known voices are the installed and the public voices, sorted by name. An installed public voice is listed
    once."""
    install(tmp_path)
    install(tmp_path, OWN)
    voices = known(tmp_path)
    assert [one.name for one in voices] == [OTHER.name, NAME, OWN]
    assert [(one.folder, one.public) for one in voices] == [(None, OTHER), (tmp_path, PUBLIC), (tmp_path, None)]


def test_public_voice_is_described_by_the_list() -> None:
    """The language, quality and size of a voice that is not installed are taken from the public list."""
    other = voice(known(), OTHER.name)
    assert (other.language, other.quality, other.num_speakers) == ("de_DE", "low", 1)
    assert other.size == OTHER.size


def test_own_voice_is_described_by_its_name_and_files(tmp_path: Path) -> None:
    """If a voice is not in the public list, its language and quality are taken from its name, and its size from its
    files."""
    install(tmp_path, OWN)
    own = voice(known(tmp_path), OWN)
    assert (own.language, own.quality, own.num_speakers) == ("fr_FR", "medium", 1)
    assert own.size == len(MODEL) + len(config_of(OWN))


@pytest.mark.parametrize(
    "config", [b"", b"[]", b"{}", b'{"num_speakers": null}', b'{"num_speakers": []}', b"[" * 10**6]
)
def test_speakers_of_a_broken_config_are_unknown(tmp_path: Path, config: bytes) -> None:
    """`num_speakers` is `None` if the config is invalid or missing."""
    install(tmp_path, OWN)
    (tmp_path / f"{OWN}.onnx.json").write_bytes(config)
    assert voice(known(tmp_path), OWN).num_speakers is None
    (tmp_path / f"{OWN}.onnx.json").unlink()
    assert voice(known(tmp_path), OWN).num_speakers is None


def test_half_a_voice_is_not_installed(tmp_path: Path) -> None:
    """A voice whose model is missing is listed, but is not considered installed."""
    install(tmp_path, OWN)
    (tmp_path / f"{OWN}.onnx").unlink()
    own = voice(known(tmp_path), OWN)
    assert own.folder is None
    assert own.files is not None


@pytest.mark.parametrize(("ending", "content"), [(".onnx", b""), (".onnx.json", b"{}")])
def test_broken_voice_is_not_installed(tmp_path: Path, ending: str, content: bytes) -> None:
    """A voice with a fault is listed together with the fault, but is not considered installed."""
    install(tmp_path, OWN)
    (tmp_path / f"{OWN}{ending}").write_bytes(content)
    own = voice(known(tmp_path), OWN)
    assert own.folder is None
    assert own.fault is not None
    assert own.fault.startswith(str(tmp_path))


def test_voice_of_the_first_folder_counts(tmp_path: Path) -> None:
    """If two folders contain the same voice, the voice in the first folder is used."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        install(folder, OWN)
    assert voice(known(two, one), OWN).folder == two


@pytest.mark.parametrize("name", [OTHER.name, "DE-de-Other-one_LOW", "de-old-name", "DE_old_NAME"])
def test_voice_is_found_by_its_name_or_alias(name: str) -> None:
    """A known voice is found by name or alias. Case is ignored, and dashes are equivalent to underscores."""
    assert voice(known(), name).name == OTHER.name


def test_unknown_name_has_similar_ones() -> None:
    """For an unknown name, similar names are returned, the most similar first. The list may be empty."""
    voices = known()
    assert voices.find("en_US-fkae-medium") is None
    assert voices.similar_names("en_US-fkae-medium")[0] == NAME
    assert voices.similar_names("de-old-nam") == [OTHER.name]
    assert voices.similar_names("!") == []
    assert voices.similar_names("fkae") == [NAME]


@pytest.mark.parametrize(("language", "speaks"), [("de", True), ("DE_de", True), ("de-de", True), ("de_AT", False)])
def test_voice_speaks_its_language(language: str, *, speaks: bool) -> None:
    """`speaks` returns true for the language of the voice, with or without the region, and false for a different
    region."""
    assert voice(known(), OTHER.name).speaks(language) == speaks


def test_fault_of_a_voice_is_one_line(tmp_path: Path) -> None:
    """`find_fault` returns a line that names the faulty file, or `None` if the voice has no fault."""

    def fault(name: str = NAME) -> str | None:
        return voice(known(tmp_path), name).find_fault()

    assert fault() == "is not on this machine"
    install(tmp_path)
    install(tmp_path, OWN)
    assert fault() is None
    assert fault(OWN) is None
    (tmp_path / f"{NAME}.onnx").write_bytes(MODEL[:-1])
    assert fault() == f"{tmp_path}/{NAME}.onnx: has {len(MODEL) - 1} bytes, not {len(MODEL)}"
    (tmp_path / f"{OWN}.onnx").write_bytes(b"")
    assert fault(OWN) == f"{tmp_path}/{OWN}.onnx: the file is empty"
    (tmp_path / f"{OWN}.onnx.json").write_text("{}")
    assert str(fault(OWN)).startswith(f"{tmp_path}/{OWN}.onnx.json: audio must be ")
    (tmp_path / f"{OWN}.onnx.json").unlink()
    assert fault(OWN) == f"{tmp_path}/{OWN}.onnx.json: is missing"
