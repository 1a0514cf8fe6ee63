"""Catalogue finds voices by name, alias or language."""

from dataclasses import replace

import pytest

from tests.fakes import voice_entry
from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial.exceptions import UnknownVoice, VoiceFileError, VoiceNeedsExtra
from wyoming_piper_serial.voices.catalogue import BrokenVoice, Catalogue, UnavailableVoice, VoiceEntry

_DEFAULT = "en_US-joe-medium"
_AMY = public_voice("en_US-amy-low")


def entry(name: str, language: str | None = None) -> VoiceEntry:
    code, dataset, _ = name.split("-")
    return voice_entry(name, language={"code": language or code}, dataset=dataset)


def catalogue_of_seven() -> Catalogue:
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
    return (catalogue or catalogue_of_seven()).find(name, language, default=default).name


def test_entries_are_in_a_stable_order() -> None:
    """The catalogue's voices are sorted by name, so that the `info` event does not depend on the order of files on
    disk."""
    names = [known.name for known in catalogue_of_seven().entries]
    assert names == sorted(names)


@pytest.mark.parametrize("nothing", [None, ""])
def test_default_voice_is_found_without_name_and_language(nothing: str | None) -> None:
    """A request with neither a name nor a language gets the default voice. Empty strings count as missing."""
    assert found(nothing, nothing) == _DEFAULT
    assert found(nothing, nothing, default="de_DE-thorsten-medium") == "de_DE-thorsten-medium"


@pytest.mark.parametrize("known", [known.name for known in catalogue_of_seven().entries])
def test_voice_is_found_by_its_name(known: str) -> None:
    """A voice is found by its exact name."""
    assert found(known) == known


@pytest.mark.parametrize("name", ["EN_us-JOE-medium", "en-us-joe-medium", "en_US_joe_medium", "joe", "Joe", "JOE"])
def test_voice_is_found_by_other_spellings_of_its_name(name: str) -> None:
    """Case is ignored, and dashes are equivalent to underscores. The dataset of a voice is an alias of its name."""
    assert found(name) == "en_US-joe-medium"


def test_exact_name_is_preferred_to_another_spelling() -> None:
    """If the names of two voices differ only in case, the voice with exactly the requested name is found."""
    catalogue = Catalogue([entry("en_US-Joe-medium"), entry("en_US-joe-medium")])
    assert found("en_US-joe-medium", catalogue=catalogue) == "en_US-joe-medium"
    assert found("en_US-Joe-medium", catalogue=catalogue) == "en_US-Joe-medium"


def test_alias_of_two_voices_means_the_first_by_name() -> None:
    """If two voices have the same alias, the alias refers to the voice whose name comes first in alphabetical order."""
    assert found("alan") == "en_GB-alan-low"


def test_name_is_preferred_to_the_alias_of_another_voice() -> None:
    """If a request contains the name of one voice that is also an alias of another, the voice with this name is
    found."""
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
    """Voices are found by language, and voices for the requested region are preferred. The name in a request may also
    be a language code."""
    assert found(language=language) == name
    assert found(language) == name


def test_only_voice_of_a_language_is_found_by_its_family() -> None:
    """The language `fr` without a region finds a voice whose language is `fr_FR`."""
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
    """Among the voices of a language, voices for the requested region are preferred. If several voices remain, the
    default voice is preferred."""
    assert found(language=language, default=default) == name


def test_name_outweighs_language() -> None:
    """If a request contains both a name and a language, the language is ignored."""
    assert found("joe", "fr") == "en_US-joe-medium"
    with pytest.raises(UnknownVoice):
        found("nobody", "fr")


@pytest.mark.parametrize("name", ["fr-missing-it-all", "nobody", "xx", "xx_YY", "-"])
def test_unknown_name_is_refused(name: str) -> None:
    """An unknown name raises UnknownVoice, even if other voices have the same language. The message lists some
    voices."""
    with pytest.raises(UnknownVoice) as caught:
        found(name)
    assert str(caught.value) == (
        f"There is no voice {name!r} here. Available: de_DE-thorsten-medium, en_GB-alan-low, en_GB-alan-medium, "
        "en_US-amy-low, en_US-joe-medium and 2 more."
    )


def test_unknown_language_is_refused() -> None:
    """If no voice speaks the requested language, UnknownVoice is raised."""
    catalogue = Catalogue([entry(_DEFAULT)])
    with pytest.raises(UnknownVoice, match=r"^No installed voice speaks 'sv'\. Available: en_US-joe-medium\.$"):
        found(language="sv", catalogue=catalogue)


def test_long_name_does_not_make_a_long_message() -> None:
    """A long name in a request is truncated in the error message."""
    with pytest.raises(UnknownVoice) as caught:
        found("x" * 10_000)
    assert len(str(caught.value)) < 300


def test_missing_default_is_an_unknown_voice() -> None:
    """If the default voice is unknown, UnknownVoice is raised."""
    with pytest.raises(UnknownVoice, match="no voice 'gone' here"):
        found(default="gone")


def with_unavailable(*names: str) -> Catalogue:
    """Return a catalogue with an unavailable Japanese voice and the voices `names`."""
    config = entry("ja_JP-yuki-medium").config
    return Catalogue(
        [entry(name) for name in names], unavailable=[UnavailableVoice(config=config, need="install it first")]
    )


@pytest.mark.parametrize("name", ["ja_JP-yuki-medium", "ja-jp-YUKI-medium", "yuki", "ja", "ja_JP"])
def test_unavailable_voice_says_what_it_needs(name: str) -> None:
    """An unavailable voice is not listed. A request for it raises VoiceNeedsExtra, and the message states what to
    install."""
    catalogue = with_unavailable(_DEFAULT)
    with pytest.raises(VoiceNeedsExtra, match=r"^The voice ja_JP-yuki-medium cannot be used yet: install it first\.$"):
        found(name, catalogue=catalogue)
    assert [known.name for known in catalogue.entries] == [_DEFAULT]


@pytest.mark.parametrize("language", ["ja", "ja-JP"])
def test_language_of_an_unavailable_voice_says_what_it_needs(language: str) -> None:
    """If only an unavailable voice speaks the requested language, VoiceNeedsExtra is raised. If another voice speaks
    this language, that voice is used."""
    with pytest.raises(VoiceNeedsExtra):
        found(language=language, catalogue=with_unavailable(_DEFAULT))
    assert found(language=language, catalogue=with_unavailable(_DEFAULT, "ja_JP-other-low")) == "ja_JP-other-low"


def test_other_names_stay_unknown_beside_an_unavailable_voice() -> None:
    """An unknown name raises UnknownVoice, even if the catalogue contains an unavailable voice."""
    with pytest.raises(UnknownVoice, match="Available: en_US-joe-medium"):
        found("xx_XX-nobody-low", catalogue=with_unavailable(_DEFAULT))


def test_former_name_of_a_public_voice_is_an_alias() -> None:
    """A former name of a public voice is an alias, so clients can still use the former name."""
    public = [replace(public_voice(_DEFAULT), aliases=("en-us-joe-old",))]
    assert found("en_us_JOE_old", catalogue=Catalogue([entry(_DEFAULT)], public=public)) == _DEFAULT


def test_public_voice_is_offered_with_downloads() -> None:
    """If downloads are offered, public voices that are not installed are listed and found by name, but not by
    language."""
    public = [public_voice(_DEFAULT), replace(_AMY, aliases=("amy-old",))]
    offering = Catalogue([entry(_DEFAULT)], public=public, offer_downloads=True)
    assert [voice.name for voice in offering.offered] == [_AMY.name]
    for name in (_AMY.name, "EN-us-amy-LOW", "amy_old"):
        voice = offering.downloadable(name, default=_DEFAULT)
        assert voice is not None
        assert voice.name == _AMY.name
    assert offering.downloadable(None, default=_AMY.name) is not None
    for here in (_DEFAULT, "joe", "nobody", None):
        assert offering.downloadable(here, default=_DEFAULT) is None
    assert offering.downloadable(None, "en_US", default=_AMY.name) is None


def test_without_downloads_the_error_says_how_to_download() -> None:
    """If downloads are not offered, a request for a public voice raises UnknownVoice. The message contains the command
    that downloads the voice."""
    catalogue = Catalogue([entry(_DEFAULT)], public=[_AMY])
    assert catalogue.offered == ()
    assert catalogue.downloadable(_AMY.name, default=_DEFAULT) is None
    with pytest.raises(UnknownVoice, match=f"Use 'wyoming-piper-serial voices download {_AMY.name}' to download it"):
        found("en-us-AMY-low", catalogue=catalogue)


@pytest.mark.parametrize("option", ["--data-dir", "--download-dir"])
def test_download_must_go_to_the_folder_of_the_server(option: str) -> None:
    """If the server does not use the default download folder, the error message names the option that the download
    command needs. The message does not contain the folder's path, because clients see the message."""
    catalogue = Catalogue([entry(_DEFAULT)], public=[_AMY], folder_option=option)
    hint = f"Use 'wyoming-piper-serial voices download {_AMY.name}', with the {option} of this server, to download it. "
    with pytest.raises(UnknownVoice, match=hint):
        found(_AMY.name, catalogue=catalogue)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("en_US-jo-medium", "Did you mean en_US-joe-medium? Available"),
        ("fr-FR-siwis-medum", "Did you mean fr_FR-siwis-medium? Available"),
        (
            "sv_SE-nst-medum",
            "Did you mean sv_SE-nst-medium? Use 'wyoming-piper-serial voices download sv_SE-nst-medium' to download ",
        ),
        (
            "NST",
            "Did you mean sv_SE-nst-medium? Use 'wyoming-piper-serial voices download sv_SE-nst-medium' to download",
        ),
        ("x" * 5000, "here. Available"),
    ],
)
def test_similar_name_is_suggested(name: str, hint: str) -> None:
    """If an unknown name is similar to the name of a voice, the error message suggests this voice and, if the voice is
    not installed, explains how to download it."""
    catalogue = Catalogue(catalogue_of_seven().entries, public=[public_voice("sv_SE-nst-medium"), _AMY])
    with pytest.raises(UnknownVoice) as caught:
        found(name, catalogue=catalogue)
    assert hint in str(caught.value)


def test_unavailable_voice_is_not_offered_as_a_download() -> None:
    """An installed but unavailable voice is not offered as a download, because a download would not make it
    available."""
    config = entry(_AMY.name).config
    unavailable = [UnavailableVoice(config=config, need="install it first")]
    catalogue = Catalogue([], unavailable=unavailable, public=[_AMY], offer_downloads=True)
    assert catalogue.offered == ()
    assert catalogue.downloadable(_AMY.name, default=_AMY.name) is None


@pytest.mark.parametrize("name", [_AMY.name, "en-us-AMY-low", "en", "en_US"])
def test_broken_voice_says_so(name: str) -> None:
    """A broken voice is not listed. A request for it raises VoiceFileError, even if it is a public voice."""
    broken = [BrokenVoice(name=_AMY.name, detail="the config is not JSON")]
    catalogue = Catalogue([entry("de_DE-a-low")], broken=broken, public=[_AMY])
    with pytest.raises(VoiceFileError, match="cannot be used") as caught:
        found(name, catalogue=catalogue)
    assert caught.value.detail == "the config is not JSON"
    assert [known.name for known in catalogue.entries] == ["de_DE-a-low"]
    with pytest.raises(UnknownVoice):
        found("fr", catalogue=catalogue)


def test_broken_voice_is_not_downloaded_again() -> None:
    """A broken voice is not offered as a download, unless one of its files is missing."""
    for replaceable in (False, True):
        broken = [BrokenVoice(name=_AMY.name, detail="", replaceable=replaceable)]
        catalogue = Catalogue([entry(_DEFAULT)], broken=broken, public=[_AMY], offer_downloads=True)
        assert (catalogue.downloadable(_AMY.name, default=_DEFAULT) is not None) == replaceable
        assert bool(catalogue.offered) == replaceable


def test_name_is_found_however_it_is_encoded() -> None:
    """A name is found whether its letters are composed (NFC) or decomposed (NFD), as in file names on macOS."""
    composed, decomposed = "es_ES-ni\u00f1o-low", "es_ES-nin\u0303o-low"
    for own, wanted in ((composed, decomposed), (decomposed, composed), (decomposed, composed.upper())):
        assert found(wanted, catalogue=Catalogue([entry(own)])) == own


def test_catalogue_has_only_its_own_entries() -> None:
    """`has` returns true only for entries of this catalogue, not for an entry that an earlier scan created for the same
    voice."""
    old, new = entry(_DEFAULT), entry(_DEFAULT)
    assert Catalogue([old]).has(old)
    assert not Catalogue([new]).has(old)
    assert not Catalogue([]).has(old)


def test_language_avoids_voices_that_are_unusable() -> None:
    """For a language, a voice that is known to be unusable is found only if there is no other voice, even if it is the
    default voice or has exactly the requested region. By its name, it is still found."""
    catalogue = catalogue_of_seven()
    keys = {one.name: one.key for one in catalogue.entries}
    assert catalogue.avoiding(()) is catalogue
    without_joe = catalogue.avoiding({keys["en_US-joe-medium"]})
    assert found("en", catalogue=without_joe) == "en_GB-alan-low"
    assert found(None, "en_US", catalogue=without_joe) == "en_US-amy-low"
    assert found("joe", catalogue=without_joe) == "en_US-joe-medium"
    assert found(catalogue=without_joe) == _DEFAULT
    without_siwis = catalogue.avoiding({keys["fr_FR-siwis-medium"]})
    assert found(None, "fr_FR", catalogue=without_siwis) == "fr_CA-celine-low"
    assert found(None, "de", catalogue=catalogue.avoiding(set(keys.values()))) == "de_DE-thorsten-medium"
    assert without_joe.has(without_joe.find("joe", default=_DEFAULT))
    assert found("en", catalogue=catalogue) == "en_US-joe-medium"
