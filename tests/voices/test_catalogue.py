"""Which voice a client means."""

import pytest

from tests.fakes import voice_entry
from wyoming_piper_serial.exceptions import UnknownVoice, VoiceNeedsExtra
from wyoming_piper_serial.voices.catalogue import Catalogue, UnavailableVoice, VoiceEntry, VoiceSelector

_DEFAULT = "en_US-joe-medium"


def entry(name: str, language: str | None = None) -> VoiceEntry:
    code, dataset, _ = name.split("-")
    return voice_entry(name, language={"code": language or code}, dataset=dataset)


def house() -> Catalogue:
    names = [
        "fr_FR-siwis-medium",
        "en_US-joe-medium",
        "en_GB-alan-low",
        "de_DE-thorsten-medium",
        "fr_CA-celine-low",
        "en_US-amy-low",
        "en_GB-alan-medium",
    ]
    return Catalogue(entry(name) for name in names)


def found(
    name: str | None = None, language: str | None = None, *, default: str = _DEFAULT, catalogue: Catalogue | None = None
) -> str:
    return (catalogue or house()).find(VoiceSelector(name=name, language=language), default).name


def test_entries_are_in_a_stable_order() -> None:
    """However the files were found: the info reply must not change."""
    names = [known.name for known in house().entries]
    assert names == sorted(names)


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_asked_is_the_default_voice(nothing: str | None) -> None:
    """Empty texts are nothing too."""
    assert found(nothing, nothing) == _DEFAULT
    assert found(nothing, nothing, default="de_DE-thorsten-medium") == "de_DE-thorsten-medium"


@pytest.mark.parametrize("known", [known.name for known in house().entries])
def test_voice_is_found_by_its_name(known: str) -> None:
    """Every name that info lists works."""
    assert found(known) == known


@pytest.mark.parametrize("name", ["EN_us-JOE-medium", "en-us-joe-medium", "en_US_joe_medium", "joe", "Joe", "JOE"])
def test_voice_is_found_by_a_name_written_otherwise(name: str) -> None:
    """Case and kind of dash do not matter, and the dataset is an alias."""
    assert found(name) == "en_US-joe-medium"


def test_exact_name_goes_before_one_written_otherwise() -> None:
    """Two files may differ in case alone."""
    catalogue = Catalogue([entry("en_US-Joe-medium"), entry("en_US-joe-medium")])
    assert found("en_US-joe-medium", catalogue=catalogue) == "en_US-joe-medium"
    assert found("en_US-Joe-medium", catalogue=catalogue) == "en_US-Joe-medium"


def test_alias_of_two_voices_is_the_first_by_name() -> None:
    """One answer, always the same."""
    assert found("alan") == "en_GB-alan-low"


def test_name_goes_before_another_voices_alias() -> None:
    """A dataset may be called as another voice's file is."""
    catalogue = Catalogue([voice_entry("a", dataset="b"), voice_entry("b", dataset="c")])
    assert found("b", catalogue=catalogue) == "b"
    assert found("c", catalogue=catalogue) == "b"


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("de", "de_DE-thorsten-medium"),
        ("fr", "fr_CA-celine-low"),
        ("fr_FR", "fr_FR-siwis-medium"),
        ("fr-fr", "fr_FR-siwis-medium"),
        ("FR_ca", "fr_CA-celine-low"),
        ("fr_BE", "fr_CA-celine-low"),
        ("de_AT", "de_DE-thorsten-medium"),
    ],
)
def test_voice_is_found_by_language(language: str, name: str) -> None:
    """The exact region goes first, then another region of the language; also where a name is expected."""
    assert found(language=language) == name
    assert found(language) == name


def test_only_voice_of_a_language_is_found_by_its_family() -> None:
    """`fr` finds `fr_FR`."""
    assert found(language="fr", catalogue=Catalogue([entry("fr_FR-siwis-medium"), entry(_DEFAULT)])) == (
        "fr_FR-siwis-medium"
    )


@pytest.mark.parametrize(
    ("language", "default", "name"),
    [
        ("en", "en_US-joe-medium", "en_US-joe-medium"),
        ("en", "en_GB-alan-medium", "en_GB-alan-medium"),
        ("en_US", "en_US-joe-medium", "en_US-joe-medium"),
        ("en_GB", "en_US-joe-medium", "en_GB-alan-low"),
        ("en_AU", "en_US-joe-medium", "en_US-joe-medium"),
        ("en_US", "de_DE-thorsten-medium", "en_US-amy-low"),
    ],
)
def test_default_voice_is_preferred_in_its_language(language: str, default: str, name: str) -> None:
    """But an exact region goes before it, and it never answers for another language."""
    assert found(language=language, default=default) == name


def test_name_outweighs_language() -> None:
    """A client may send both, and the name is what its user chose."""
    assert found("joe", "fr") == "en_US-joe-medium"
    with pytest.raises(UnknownVoice):
        found("nobody", "fr")


@pytest.mark.parametrize(
    "name", ["fr_FR-missing-low", "fr_FR-siwis", "nobody", "xx", "xx_YY", "en_US-joe-medium.onnx", "-"]
)
def test_unknown_name_is_refused(name: str) -> None:
    """A voice that is not here is not replaced by another of its language: its user would wonder."""
    with pytest.raises(UnknownVoice) as caught:
        found(name)
    assert str(caught.value) == (
        f"There is no voice {name!r} here. There is: de_DE-thorsten-medium, en_GB-alan-low, en_GB-alan-medium, "
        "en_US-amy-low, en_US-joe-medium and 2 more."
    )


def test_unknown_language_is_refused() -> None:
    """No voice is better than one that cannot pronounce a word."""
    catalogue = Catalogue([entry(_DEFAULT)])
    with pytest.raises(UnknownVoice, match=r"^No voice here speaks 'sv'\. There is: en_US-joe-medium\.$"):
        found(language="sv", catalogue=catalogue)


def test_long_name_does_not_make_a_long_message() -> None:
    """What a client sends is repeated with a bound."""
    with pytest.raises(UnknownVoice) as caught:
        found("x" * 10_000)
    assert len(str(caught.value)) < 300


def test_missing_default_is_an_unknown_voice() -> None:
    """As at start, with a wrong `--voice`."""
    with pytest.raises(UnknownVoice, match="no voice 'gone' here"):
        found(default="gone")


def japanese(*names: str) -> Catalogue:
    """A Japanese voice that is held back, beside those that are there."""
    held = entry("ja_JP-yuki-medium").config
    return Catalogue(
        [entry(name) for name in names], unavailable=[UnavailableVoice(config=held, need="install it first")]
    )


@pytest.mark.parametrize("name", ["ja_JP-yuki-medium", "ja-jp-YUKI-medium", "yuki", "ja", "ja_JP"])
def test_voice_that_is_held_back_says_what_it_needs(name: str) -> None:
    """However it is asked for, and it is not on offer."""
    catalogue = japanese(_DEFAULT)
    with pytest.raises(
        VoiceNeedsExtra, match=r"^The voice ja_JP-yuki-medium cannot be spoken yet: install it first\.$"
    ):
        found(name, catalogue=catalogue)
    assert [known.name for known in catalogue.entries] == [_DEFAULT]


@pytest.mark.parametrize("language", ["ja", "ja-JP"])
def test_language_of_a_voice_that_is_held_back_says_what_it_needs(language: str) -> None:
    """Unless another voice speaks it."""
    with pytest.raises(VoiceNeedsExtra):
        found(language=language, catalogue=japanese(_DEFAULT))
    assert found(language=language, catalogue=japanese(_DEFAULT, "ja_JP-other-low")) == "ja_JP-other-low"


def test_voice_that_is_held_back_hides_no_unknown_one() -> None:
    """Another name is still unknown."""
    with pytest.raises(UnknownVoice, match="There is: en_US-joe-medium"):
        found("xx_XX-nobody-low", catalogue=japanese(_DEFAULT))
