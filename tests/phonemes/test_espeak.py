"""Text is converted with espeak-ng to the same phonemes as in Piper, and no phoneme is lost."""

import functools
import random
from collections.abc import Callable

import pytest
from piper import PiperVoice
from piper.config import PiperConfig

from tests.fakes import raw_config
from tests.fixture_voices import phonemizers
from tests.phonemes.texts import LANGUAGES, PIPER_LANGUAGES, SPELLED, USUAL_TEXTS
from wyoming_piper_serial.phonemes.espeak import (
    MAX_CLAUSE,
    Clause,
    Clauses,
    complete_clauses,
    sentences,
    with_complete_words,
)


def fixed(*clauses: Clause) -> Clauses:
    return lambda _text: clauses


def echo(text: str) -> list[Clause]:
    """Return `text` as one clause with one phoneme per character. Drop characters beyond a limit, as espeak-ng does."""
    return [Clause(text[: MAX_CLAUSE + 100], "", ends_sentence=True)]


@functools.cache
def asked(voice: str, text: str) -> tuple[Clause, ...]:
    """Return the clauses of `text`, converted with espeak-ng. The same text is converted only once, because the tests
    ask for many words again that are checked as parts of a text."""
    process = phonemizers().process("espeak")
    request = {"voice": voice, "folder": "", "text": text}
    return tuple(Clause(*clause) for clause in process.submit(process.ask, request).result())


def real(voice: str) -> Clauses:
    """Return a function that converts text to clauses with espeak-ng."""
    return lambda text: asked(voice, text)


def text_of(found: list[list[str]]) -> list[str]:
    return ["".join(sentence) for sentence in found]


def test_clauses_up_to_the_end_of_a_sentence_are_one_sentence() -> None:
    """Clauses are joined into sentences. Each clause keeps its punctuation mark, and a space follows a comma. Text
    without a final mark is also a sentence."""
    clauses = fixed(
        Clause("jes", ",", ends_sentence=False),
        Clause("noʊ", "?", ends_sentence=True),
        Clause("oʊ", "", ends_sentence=False),
    )
    assert text_of(sentences("yes, no? oh", clauses)) == ["jes, noʊ?", "oʊ"]


def test_language_switches_are_removed() -> None:
    """The language codes in parentheses that espeak-ng inserts around foreign words are removed."""
    assert text_of(sentences("x", fixed(Clause("(en)wɜːd(de)", ".", ends_sentence=True)))) == ["wɜːd."]


def test_accents_are_separate_phonemes() -> None:
    """A precomposed character, such as ç, becomes two phonemes, a letter and an accent."""
    assert sentences("x", fixed(Clause("ç", "", ends_sentence=True))) == [["c", "\u0327"]]


def test_clusters_become_one_phoneme() -> None:
    """At each position in a sentence, the longest cluster of phonemes is merged into one phoneme."""
    clauses = fixed(Clause("haɪɚz", "", ends_sentence=True))
    assert sentences("x", clauses, [("a", "ɪ"), ("a", "ɪ", "ɚ")]) == [["h", "aɪɚ", "z"]]
    assert sentences("x", clauses, [("a", "ɪ"), ("ɚ", "s")]) == [["h", "aɪ", "ɚ", "z"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[ab]]", ["ab"]),
        ("x [[ ab ]] y", ["x ab y"]),
        ("x[[ab]]y", ["xaby"]),
        ("[[a]][[b]]", ["ab"]),
        ("[[]]", []),
        ("", []),
    ],
)
def test_raw_phonemes_are_part_of_the_sentence_around_them(text: str, expected: list[str]) -> None:
    """Text in double brackets is treated as raw phonemes. Spaces around the brackets are kept."""
    assert text_of(sentences(text, echo)) == expected


def test_long_clause_is_divided_until_it_is_complete() -> None:
    """If espeak-ng may have dropped phonemes of a clause, the text of the clause is split between words. The parts
    still form one sentence."""
    text = " ".join(f"{number:04}" for number in range(500))
    (sentence,) = sentences(text, echo)
    assert "".join(sentence).split() == text.split()


def test_text_that_cannot_be_divided_is_returned_as_it_is() -> None:
    """A very short text is not split, even if it has many phonemes."""
    clauses = fixed(Clause("a" * 2000, "", ends_sentence=True))
    assert complete_clauses("x", clauses) == [Clause("a" * 2000, "", ends_sentence=True)]
    assert len(complete_clauses("x" * 20, clauses)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "Hello there. Dr. Smith, is it? Yes: e.g. at 5 p.m.; no!",
        "[[həlˈoʊ]]",
        "Ça va? Das ist ein Test, ok (really)... 3.14 % of it",
        "...",
        "a",
    ],
)
@pytest.mark.parametrize("voice", ["en-us", "de", "fr"])
def test_usual_text_has_the_phonemes_that_piper_makes(text: str, voice: str) -> None:
    """Ordinary text has the same phonemes as in piper-tts."""
    check_like_piper(text, voice)


@pytest.mark.parametrize("voice", sorted(USUAL_TEXTS))
def test_long_clauses_and_words_have_the_phonemes_that_piper_makes(voice: str) -> None:
    """In every language, realistic long clauses and words have the same phonemes as in piper-tts."""
    text = USUAL_TEXTS[voice]
    check_like_piper(text, voice)
    assert with_complete_words(text, real(voice)) == text


def check_like_piper(text: str, voice: str) -> None:
    raw = raw_config(espeak={"voice": voice})
    piper = PiperVoice(session=None, config=PiperConfig.from_dict(raw))
    theirs = [sentence for sentence in piper.phonemize(text) if sentence]
    assert [sentence for sentence in sentences(text, real(voice)) if sentence] == theirs


@pytest.mark.parametrize("text", ["[[haɪɚz]]", "a [[haɪɚz]] b"])
def test_clusters_in_raw_phonemes_become_one_phoneme(text: str) -> None:
    """Clusters of phonemes are also merged within double brackets."""
    (sentence,) = sentences(text, echo, [("a", "ɪ"), ("a", "ɪ", "ɚ")])
    assert "aɪɚ" in sentence


def digits(rng: random.Random) -> str:
    return str(rng.randrange(10 ** rng.randint(1, 12)))


def price(rng: random.Random) -> str:
    return f"${rng.randrange(1000)}.{rng.randrange(100):02}"


def address(rng: random.Random) -> str:
    return f"{rng.randrange(2000)} {rng.choice(['Main Street', 'Oak Avenue', 'Hill Road'])}"


def url(rng: random.Random) -> str:
    return f"https://example{rng.randrange(99)}.com/a{rng.randrange(99)}?b={rng.randrange(99)}"


def log_line(rng: random.Random) -> str:
    return (
        f"2026-11-26T21:00:{rng.randrange(60):02} ERROR [{rng.randrange(999)}] module{rng.randrange(9)}/file.py failed"
    )


def chinese(rng: random.Random) -> str:
    return "".join(rng.choice("今天气很好我们去公园散步然后回家吃饭") for _ in range(8))


def words(rng: random.Random) -> str:
    alphabet = rng.choice(["абвгдежзиклмн", "αβγδεζηθικλμ", "abdefghiklmno", "कखगघचछजझटठ"])
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(3, 9)))


def korean(rng: random.Random) -> str:
    return "".join(rng.choice("안녕하세요오늘날씨가좋습니다우리는") for _ in range(3)) + " "


def thai(rng: random.Random) -> str:
    return rng.choice(["สวัสดี", "ครับ", "วันนี้", "อากาศ", "ดีมาก"]) + " "


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize(
    ("voice", "part", "joint"),
    [
        *((voice, part, " ") for voice in ("en-us", "de", "ru") for part in (digits, price, address, url, log_line)),
        *((voice, words, " ") for voice in ("ru", "el", "de", "hi")),
        ("cmn", chinese, ""),
        ("ko", korean, ""),
        ("th", thai, ""),
    ],
)
def test_no_phoneme_of_a_long_text_is_lost(voice: str, part: Callable[[random.Random], str], joint: str) -> None:
    """A long text without punctuation has nearly as many phonemes as its parts in total, and the same final phonemes.

    espeak-ng may join or shorten words at the boundaries of the parts, so the difference may be up to 8 %.
    """
    rng = random.Random(7)
    for _ in range(3):
        parts: list[str] = []
        while sum(map(len, parts)) < 550:
            parts.append(part(rng))
        together = sounds(joint.join(parts), voice)
        alone = [sounds(one, voice) for one in parts]
        assert len(together) >= 0.92 * sum(map(len, alone))
        assert together[-3:] == alone[-1][-3:]


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("voice", ["en-us", "de", "tr", "fi", "cmn"])
@pytest.mark.parametrize("unit", ["# ", "% ", "b ", "1 0 ", "(a) ", "„a“ ", "aB", "中ا"])
def test_end_of_a_clause_of_many_words_is_not_lost(voice: str, unit: str) -> None:
    """A clause of hundreds of short words or punctuation marks is converted completely."""
    text = unit * (660 // len(unit))
    one, other = (sounds(f"{text} {end}.", voice) for end in ("Banana", "Lima"))
    assert one != other


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("voice", ["en-us", "de", "es", "ru", "cmn"])
@pytest.mark.parametrize("letters", ["bcdfghjklmnpqrstvwxz", "αβγδεζηθ", "ბგდვზთ"])
def test_end_of_a_word_that_is_spelled_is_not_lost(voice: str, letters: str) -> None:
    """A word that espeak-ng spells out is converted up to its last letter, even within a sentence."""
    rng = random.Random(3)
    for size in (30, 60, 90):
        word = "".join(rng.choice(letters) for _ in range(size))
        one, other = (sounds(f"Aha {word}{end} aha.", voice) for end in (letters[0], letters[1]))
        assert one != other


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("voice", PIPER_LANGUAGES)
def test_no_letter_of_a_short_word_is_lost(voice: str) -> None:
    """In every language, words of 5 to 19 letters in many scripts are converted up to their last letter: of four words
    that differ only in their last letter, at least two have different phonemes."""
    rng = random.Random(voice)
    for letters in SPELLED:
        for size in (rng.randint(4, 10), rng.randint(11, 18)):
            word = "".join(rng.choice(letters) for _ in range(size))
            first, *others = (f"{word}{last}" for last in rng.sample(letters, 4))
            heard = sounds(first, voice)
            assert any(sounds(other, voice) != heard for other in others), word


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("voice", PIPER_LANGUAGES)
def test_pieces_of_a_spelled_word_are_read_completely(voice: str) -> None:
    """A word that espeak-ng spells out has about as many phonemes as the pieces of the word in total. The difference
    may be up to 8 %, because espeak-ng shortens words at their boundaries."""
    rng = random.Random(voice)
    for letters in SPELLED:
        word = "".join(rng.choice(letters) for _ in range(19))
        pieces = with_complete_words(word, real(voice)).split()
        assert "".join(pieces) == word
        assert len(sounds(word, voice)) >= 0.92 * sum(len(sounds(piece, voice)) for piece in pieces)


def test_words_of_a_usual_text_are_checked_in_one_call() -> None:
    """All words of a long clause are checked with one additional call of espeak-ng. The words are checked one by one
    only if a word may be incomplete."""
    texts = []

    def counting(text: str) -> list[Clause]:
        texts.append(text)
        return [Clause(part, "", ends_sentence=True) for part in text.split("\n\n")]

    sentences("These words have few phonemes.", counting)
    assert len(texts) == 1
    usual = "These words have a lot of phonemes in one clause, " * 5 + "and " + "x" * 100
    sentences(usual, counting)
    assert texts[1:] == [usual, "These\n\nwords\n\nhave\n\nlot\n\nphonemes\n\none\n\nclause\n\nand\n\n" + "x" * 100]
    assert sentences("aha " + "x" * 101, counting) == [[*"aha ", *"x" * 50, " ", *"x" * 51]]


@pytest.mark.parametrize(
    ("voice", "word"),
    [
        ("de", "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"),
        ("en-us", "pneumonoultramicroscopicsilicovolcanoconiosis"),
        ("tr", "muvaffakiyetsizleştiricileştiriveremeyebileceklerimizdenmişsinizcesine"),
    ],
)
def test_longest_words_of_dictionaries_are_not_divided(voice: str, word: str) -> None:
    """A long word that espeak-ng does not spell out is not split."""
    assert with_complete_words(word, real(voice)) == word


def sounds(text: str, voice: str) -> str:
    """Return the phonemes of `text` without spaces, stress marks or punctuation."""
    phonemes = "".join("".join(sentence) for sentence in sentences(text, real(voice)))
    return "".join(phoneme for phoneme in phonemes if phoneme.isalnum())


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
def test_random_texts_are_read_in_every_language() -> None:
    """Random texts of the kinds that crash espeak-ng are converted without an error."""
    from tests.phonemes.texts import random_text  # noqa: PLC0415

    texts = []
    for seed in range(300):
        rng = random.Random(seed)
        text = random_text(rng)
        texts.append((rng.choice(LANGUAGES), text))
    # Sorted by language, because espeak-ng reads a dictionary each time the language changes.
    for voice, text in sorted(texts):
        sentences(text, real(voice))
