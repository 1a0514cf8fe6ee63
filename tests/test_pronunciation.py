"""A reader shows how a text is spoken. The readers of a voice share its phonemizer."""

from dataclasses import replace

import pytest

from tests.fakes import voice_entry
from tests.fixture_voices import phonemizers
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.pronunciation import Readers
from wyoming_piper_serial.settings import Preset, Settings, TextRules
from wyoming_piper_serial.text.lexicon import Lexicon
from wyoming_piper_serial.text.lexicon_lines import parse_lexicon

LEXICON = Lexicon([parse_lexicon(b"Geis = aa\n[slow]\nGeis = slow", "words.txt")])


@pytest.fixture
def readers() -> Readers:
    return Readers(Settings(), phonemizers())


def test_text_becomes_sentences_and_phonemes(readers: Readers) -> None:
    """The result contains each sentence in its written form, in its spoken form and as phonemes."""
    reader = readers.reader(voice_entry(), LEXICON)
    sentences = list(reader.sentences("Geis has *5* km. Then"))
    assert sentences == ["Geis has 5 km.", "Then."]
    found = reader.pronunciation(sentences[0]).result()
    assert found.written == "Geis has 5 km."
    assert found.spoken == "aa has 5 kilometers."
    (phonemes,) = found.phonemes
    assert set(phonemes) <= {"a", " "}  # the fake voice has no other phonemes


@pytest.mark.parametrize(("rules", "spoken"), [(None, "slow has 5 km."), ("auto", "slow has 5 kilometers.")])
def test_preset_and_request_determine_the_rules(readers: Readers, rules: TextRules | None, spoken: str) -> None:
    """The rules of the request take precedence over those of the preset. The lexicon has a section for the preset."""
    preset = Preset(name="slow", voice="en_US-fake-medium", text={"text_rules": "off"})
    reader = readers.reader(voice_entry().with_preset(preset), LEXICON, rules)
    assert reader.pronunciation("Geis has 5 km.").result().spoken == spoken


def test_phonemizer_of_a_voice_is_loaded_once(readers: Readers) -> None:
    """The phonemizer is loaded again only if the files of the voice have changed."""
    entry = voice_entry()
    one, two = readers.reader(entry, LEXICON), readers.reader(entry, LEXICON)
    other = readers.reader(replace(entry, stamp=1), LEXICON)
    assert one.phonemizer is two.phonemizer
    assert other.phonemizer is not one.phonemizer


def test_phonemizer_that_does_not_work_is_an_error(readers: Readers) -> None:
    """If the phonemizer of a voice cannot be loaded, the error names the voice."""
    entry = voice_entry(espeak={"voice": "xx-nothing"})
    with pytest.raises(VoiceFileError, match="en_US-fake-medium"):
        readers.reader(entry, LEXICON)
