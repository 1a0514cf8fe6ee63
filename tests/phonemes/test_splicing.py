"""Phonemes in double brackets are inserted into a sentence without changing the phonemes of the other words."""

import random

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from tests.phonemes.test_espeak import real
from tests.phonemes.texts import PIPER_LANGUAGES
from wyoming_piper_serial.phonemes.espeak import sentences
from wyoming_piper_serial.phonemes.splicing import divided, spliced


def runs(text: str, voice: str = "en-us") -> list[str]:
    """Convert `text` with espeak-ng. Return one string of phonemes for each model run."""
    return ["".join(sentence) for sentence in sentences(text, real(voice))]


def echo(text: str) -> list[list[str]]:
    """Return the characters of each sentence in `text` as phonemes."""
    return [list(sentence) for sentence in regex.split(r"(?<=[.!?])\s+", text) if sentence]


def changing(text: str) -> list[list[str]]:
    """A fake phonemizer that converts a word in a sentence differently from the same word alone, so that no placeholder
    is found."""
    return [[*text.upper()]] if " " in text else [[*text]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[ɡaɪs]]", ["ɡaɪs"]),
        ("[[ɡaɪs]]!", ["ɡaɪs!"]),
        ("[[ɡaɪs]]?", ["ɡaɪs?"]),
        ("[[a]][[b]]", ["ab"]),
        ("[[a]] [[ b ]]", ["a b"]),
        ("[[a]], [[b]]; [[c]]: [[d]]. [[e]]", ["a, b; c: d.", "e"]),
        ("I saw [[ɡaɪs]], and you.", ["aɪ sˈɔː ɡaɪs, ænd juː."]),
        ("I went to [[ɡaɪs]].", ["aɪ wɛnt tə ɡaɪs."]),
        ("Hello (see [[ɡaɪs]]).", ["həlˈoʊ sˈiː ɡaɪs."]),
        ('"[[ɡaɪs]]" is here.', ["ɡaɪs ɪz hˈɪɹ."]),
        ("[[ɡaɪs]]'s house.", ["ɡaɪsz hˈaʊs."]),
        ("the [[ˈæpəl]] and the [[ɡaɪs]]", ["ðɪʲ ˈæpəl ænd ðə ɡaɪs"]),
        ("pre[[fˈɪks]]ed", ["pɹˈiːfˈɪksˈɛd"]),
        ("[[ɡaɪs]]-free", ["ɡaɪsfɹˈiː"]),
        ("This is good. [[ɡaɪs]] is here.", ["ðɪs ɪz ɡˈʊd.", "ɡaɪs ɪz hˈɪɹ."]),
        ("[[ɡaɪs]]. Then.", ["ɡaɪs.", "ðˈɛn."]),
        ("It is namol [[ɡaɪs]] emomil.", ["ɪɾ ɪz nˈæmɑːl ɡaɪs ɪmˈɑːmɪl."]),
        ("a [[]] b", ["ɐ bˈiː"]),
        ("[[]]", []),
        ("[[ç]]", ["c\u0327"]),
    ],
)
def test_phonemes_are_spoken_in_place_of_a_word(text: str, expected: list[str]) -> None:
    """Phonemes in brackets are treated like a word: the punctuation and the spaces around them are kept, and the words
    before the brackets are pronounced as before a word."""
    assert runs(text) == expected


@pytest.mark.parametrize(
    ("voice", "text", "expected"),
    [
        ("fr", "les [[ami]] et les [[ʃa]].", ["le-z ami e le- ʃa."]),
        ("cmn", "我在[[x]]吃饭。", ["wˈo2 tsˈai5 x ts.hˈi.5 fˈa5n"]),
        ("de", "das [[ɡaɪs]]-Haus, [[ɡaɪs]].", ["das ɡaɪshˈaʊs, ɡaɪs."]),
        ("ru", "Это [[ɡaɪs]], да.", ["ˈɛtʌ ɡaɪs, dˈɑ."]),
    ],
)
def test_phonemes_are_spoken_in_other_languages(voice: str, text: str, expected: list[str]) -> None:
    """Phonemes in brackets can be used in other languages, for example with French liaisons and in scripts without
    spaces."""
    assert runs(text, voice) == expected


@pytest.mark.parametrize("voice", PIPER_LANGUAGES)
def test_no_language_needs_the_division_of_a_sentence(voice: str) -> None:
    """In every language, espeak-ng converts the whole sentence, with placeholder words in place of phonemes. The
    placeholders are found at the start, in the middle and at the end of a sentence, before vowels and before
    consonants."""
    asked: list[str] = []

    def counting(text: str) -> list[list[str]]:
        asked.append(text)
        return [["".join(one)] for one in sentences(text, real(voice))]

    for first in ("✳", "a✳"):
        (found,) = spliced(f"[[{first}]] o [[✳]] ta, [[{first}]] a e [[✳]].", counting)
        assert "".join(found).count("✳") == 4
    assert all(text.endswith(".") or text.isalpha() for text in asked)  # whole sentences or single words


_WORDS = st.sampled_from(["banana", "seven", "lemon", "table", "Namol", "mimil", "emomil", "the", "of", "don't", "x"])
_MARKS = st.sampled_from([" ", " ", " ", ", ", "; ", "! ", "? ", ". ", " (", ") ", ' "', "", "-", "'", "… "])
_BLOCKS = st.text("✳✴", min_size=1, max_size=3).map("[[{}]]".format)


@given(st.lists(st.tuples(_WORDS | _BLOCKS, _MARKS), min_size=1, max_size=12))
def test_no_phonemes_and_no_words_are_lost(parts: list[tuple[str, str]]) -> None:
    """The result contains all phonemes in brackets and all letters outside brackets, in order, even if no placeholder
    is found.
    """
    text = "".join(part + mark for part, mark in parts)
    kept = "".join(character for character in text if character.isalpha() or character in "✳✴")
    for read, spoken in ((echo, kept), (changing, kept.upper())):
        found = "".join("".join(sentence) for sentence in spliced(text, read))
        found = "".join(character for character in found if character.isalpha() or character in "✳✴")
        assert found.casefold() == spoken.casefold()


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("voice", ["en-us", "de", "fr", "pt-br", "pl", "ru"])
def test_espeak_reads_all_words_around_phonemes(voice: str) -> None:
    """The text before phonemes in brackets has the same consonants as if it were converted alone, and so has the text
    after them."""
    rng = random.Random(voice)
    words = ["banana", "metal", "kilo", "radio", "formula", "telefon"]
    for _ in range(40):
        chosen = [rng.choice(words) for _ in range(rng.randint(1, 6))]
        at = rng.randrange(len(chosen) + 1)
        parts = [*chosen[:at], "[[✳]]", *chosen[at:]]
        text = "".join(part + rng.choice([" ", ", ", "! "]) for part in parts).strip()
        before, after = "".join(runs(text, voice)).split("✳")
        for part, ours in ((text.partition("[[")[0], before), (text.partition("]]")[2].lstrip(" ,!"), after)):
            theirs = "".join(runs(part, voice)) if regex.search(r"\w", part) else ""
            assert consonants(ours) == consonants(theirs)


def consonants(phonemes: str) -> str:
    return "".join(phoneme for phoneme in phonemes if phoneme in "bdfhjklprstvzʃʒɡ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b [[x]], c", ["A B x, c"]),
        ("a b[[x]]! c d", ["A Bx! C D"]),
        ("[[x]] [[y]]", ["x y"]),
        ("a b [[x]]。", ["A B x."]),
        ("[[x]]) a b.", ["x A B."]),
    ],
)
def test_sentence_is_divided_if_placeholders_are_not_found(text: str, expected: list[str]) -> None:
    """If no placeholder is found, the parts of a text around a block of phonemes are converted separately. The
    punctuation mark after the block is kept."""
    assert ["".join(sentence) for sentence in spliced(text, changing)] == expected


def test_sentences_stay_sentences_in_a_divided_text() -> None:
    """If the parts of a text are converted separately, the first sentence after a block of phonemes continues the
    sentence before the block."""
    found = divided("a. b [[x]] c. d [[y]]", echo)
    assert ["".join(sentence) for sentence in found] == ["a.", "b x c.", "d y"]


def test_many_brackets_take_no_time() -> None:
    """Thousands of opening brackets without a closing bracket are converted like any other text."""
    text = "[[" * 3000
    assert spliced(text, echo) == echo(text)
