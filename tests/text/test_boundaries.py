"""The sentence boundary detector returns each sentence as soon as its end is certain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wyoming_piper_serial.text.abbreviations import abbreviations_of
from wyoming_piper_serial.text.boundaries import SentenceBoundaryDetector

_LANGUAGES = ["", "en", "de", "fr", "es", "it", "pl", "ru", "cs", "hu", "nb", "el", "hi", "ar", "ka", "zh"]
_PARTS = st.sampled_from(
    [
        *(
            "Dr",
            "dr",
            "No",
            "z",
            "B",
            "a.m",
            "e.g",
            "U.S",
            "S",
            "А",
            "г",
            "т.е",
            "др",
            "डॉ",
            "ए",
            "द",
            "د",
            "κ",
            "XIV",
            "II",
        ),
        *(
            "am",
            "Paul",
            "the",
            "The",
            "A",
            "I",
            "Das",
            "Он",
            "он",
            "Oktober",
            "Okapi",
            "Inc",
            "Yahoo",
            "Word",
            "word",
            "iPad",
            "e",
            "i",
        ),
        *("5", "3", "10", "2026", "°C", "%", "€", "½", "გ", "好", "あ", "한", "ش", "ש", "ไ", "ñ"),
        *(".", ".", ".", "!", "?", "…", "...", "。", "！", "؟", "۔", "।", "։", "።", "။", "។", ";", ",", ":"),
        *(
            " ",
            " ",
            " ",
            "\n",
            "\n\n",
            "\r\n",
            "\u00a0",
            "\t",
            "—",
            "– ",
            "-",
            "(",
            ")",
            "“",
            "”",
            "«",
            " »",
            '"',
            "'",
            "¿",
            "¡",
        ),
    ]
)
_TEXTS = st.lists(_PARTS, max_size=40).map("".join)
_PROPERTY = settings(max_examples=200, deadline=None, database=None)


def divide(*chunks: str, language: str = "") -> list[str]:
    detector = SentenceBoundaryDetector(abbreviations_of(language))
    return [sentence for chunk in chunks for sentence in detector.add_chunk(chunk)] + detector.finish()


def sentences(text: str, language: str = "") -> list[str]:
    found = divide(text, language=language)
    assert divide(*text, language=language) == found, "one character at a time"
    return [sentence.strip() for sentence in found if sentence.strip()]


@pytest.mark.parametrize(
    "text",
    [
        "One. | Two. | Three!",
        "One? | ¿Two? | ¡Three!",
        "One. | iPhone two! | eBay three.",
        "One. | ¿two?",
        "One. | “Two.” | “Three.”",
        'One. | "Two." | (Three.) | [Four.]',
        "„Eins.“ | Dann.",
        "»Eins.« | »Zwei.«",
        "« Un. » | Deux.",
        "«Раз.» | — Два. | — Три.",
        "One. | 2 are here. | €5. | ½ of it.",
        "One?! | Two!! | Three.... | Four… | Five.",
        "ერთი. | ორი? | სამი.",
        "एक। | दो॥ | तीन. | चार",
        "واحد؟ | اثنان. | ثلاثة",
        "ایک۔ | دو۔ | تین",
        "אחת. | שתיים? | שלוש",
        "մեկ։ | Երկու։",
        "አንድ። | ሁለት፧ | ሦስት",
        "တစ်။ | နှစ်။",
        "មួយ។ | ពីរ៕",
        "하나. | 둘? | 셋",
        "one\n\n | two\r\n\r\n | three\n \n | four",
    ],
)
def test_sentences_end_at_marks_of_all_scripts(text: str) -> None:
    """A punctuation mark of any script ends a sentence if a capital letter, a letter without case, a number, a currency
    sign or opening punctuation follows. A blank line also ends a sentence.
    """
    expected = [sentence.strip() for sentence in text.split("|")]
    assert sentences(text.replace(" | ", " "), "en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一。二！三？四", ["一。", "二！", "三？", "四"]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("好!我?你……他", ["好!", "我?", "你……", "他"]),
        ("ایک۔دو", ["ایک۔", "دو"]),
        ("एक।दो", ["एक।", "दो"]),
    ],
)
def test_sentences_without_spaces_are_divided(text: str, expected: list[str]) -> None:
    """In scripts without spaces between sentences, a sentence can end without a space after its punctuation mark."""
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It is 3.5 or $3.50 at 10:30, v1.2.3, 192.168.1.1, file.txt, a.b@c.de and example.com/a?b=C.",
        "He said. and left",
        "Wait...what?",
        "Wait…what?",
        "Well… maybe",
        "Hello.World",
        "done. * next",
        "one\ntwo",
        "3۔5 3।5",
        "really? he said",
    ],
)
def test_other_marks_do_not_end_sentences(text: str) -> None:
    """Punctuation marks inside words and numbers, or before a lower-case letter, do not end a sentence."""
    assert sentences(text, "en") == sentences(text) == [text]


def test_semicolon_ends_a_sentence_only_in_greek() -> None:
    """A semicolon is a question mark in Greek, but not in other languages."""
    assert sentences("Πού είσαι; Εδώ.", "el") == ["Πού είσαι;", "Εδώ."]
    assert sentences("I came; You went.", "en") == ["I came; You went."]


def test_sentence_is_returned_when_the_next_one_begins() -> None:
    """A sentence is returned when the first letter of the next one arrives, because punctuation and spaces could belong
    to either of them.
    """
    detector = SentenceBoundaryDetector(abbreviations_of("en"))
    assert detector.add_chunk("One is done") == []
    assert detector.add_chunk(".") == []
    assert detector.add_chunk('"') == []
    assert detector.add_chunk(" (") == []
    assert detector.add_chunk("T") == ['One is done."']
    assert detector.text == " (T"
    assert detector.add_chunk("wo at 5 p.m. ") == []
    assert detector.add_chunk("Th") == []
    assert detector.add_chunk("en ") == [" (Two at 5 p.m."]
    assert detector.finish() == [" Then "]


def test_detector_can_be_used_again() -> None:
    """After `finish`, the detector can be used for another text."""
    detector = SentenceBoundaryDetector(abbreviations_of("en"))
    detector.add_chunk("One. Two")
    detector.finish()
    assert detector.text == ""
    assert detector.finish() == []
    assert detector.add_chunk("One. Two") == ["One."]


@_PROPERTY
@given(_TEXTS, st.sampled_from(_LANGUAGES), st.data())
def test_sentences_do_not_depend_on_chunks(text: str, language: str, data: st.DataObject) -> None:
    """In any language, the sentences do not depend on how the text is divided into chunks, and no character is lost."""
    whole = divide(text, language=language)
    assert "".join(whole) == text
    assert divide(*text, language=language) == whole
    cut = data.draw(st.integers(0, len(text)), label="cut")
    assert divide(text[:cut], text[cut:], language=language) == whole


@pytest.mark.parametrize(
    "part", [".", "a.", "a. ", "A. ", "A.", "5. ", "…", "。", '."', ". »", ".\n", "\n ", "— ", ". — ", "Z. B. "]
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_long_adversarial_text_is_divided(part: str, language: str) -> None:
    """Long texts of punctuation are divided in linear time. An algorithm with quadratic time and a large constant
    factor would take minutes.
    """
    text = part * (5_000 // len(part))
    assert "".join(divide(text, language=language)) == text


@pytest.mark.parametrize(
    "text", ["It is cold. | -5 °C outside.", "5 EUR. | ±0.5 mm", "Fine. | +3 for you. | −1 for me."]
)
def test_sentence_begins_with_a_signed_number(text: str) -> None:
    """A sign before a digit can begin a sentence, even if the text arrives character by character."""
    detector = SentenceBoundaryDetector(abbreviations_of("en"))
    found = [sentence for character in text.replace(" | ", " ") for sentence in detector.add_chunk(character)]
    assert [sentence.strip() for sentence in (*found, *detector.finish())] == text.split(" | ")


def test_sign_without_a_number_begins_no_sentence() -> None:
    """A hyphen before a space, or a signed number after an abbreviation, does not begin a sentence."""
    detector = SentenceBoundaryDetector(abbreviations_of("en"))
    assert detector.add_chunk("It is fine. - and so on, approx. -5 degrees") == []
