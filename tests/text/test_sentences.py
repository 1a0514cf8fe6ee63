"""SentenceSplitter splits streamed text into sentences and cleans them."""

import random
import re
import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text import sentences as splitting
from wyoming_piper_serial.text.sentences import SentenceSplitter

# Other tests cover the same code, and the measurement of coverage would double the time of these tests.
pytestmark = pytest.mark.unmeasured

# Suppress Hypothesis's warning that fixtures run once per test instead of once per example. This is harmless because no
# fixture holds state of the code under test.
_PROPERTY = settings(
    max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_WORDS = [
    "a",
    "Word",
    "word ",
    "Mr.",
    "Dr. ",
    "U.S. ",
    "Ünï",
    "你好",
    "नमस्ते",
    "3",
    "3.50",
    "£",
    "می\u200cخواهم",
    "e\u0301",
]
_ENDS = [
    ".",
    ". ",
    "! ",
    "?",
    "…",
    "….",
    "...",
    "……",
    "。",
    "！",
    "؟ ",
    "। ",
    "”",
    ".” ",
    '"',
    "'",
    ")",
    "」",
    ", ",
    ": ",
]
_MARKS = ["**", "*", "`", "_", "~~", "- ", "\n- ", "\n* ", "# ", "> ", "| ", "1. ", "\n2. ", "12.) ", "[a](b)", "5 * 3"]
_BLANKS = [" ", "\n", "\r\n\r\n", "\n\n", "\t", "\r", "\u2028", "\0"]
_PICTURES = ["🎉", "👨\u200d👩\u200d👧", "🇫🇷", "☝🏽", "1\ufe0f\u20e3", "\ud800", "\udfff", "\ue000", "\ufeff"]
_FRAGMENTS = st.sampled_from(_WORDS + _ENDS + _MARKS + _BLANKS + _PICTURES)
_TEXTS = st.lists(_FRAGMENTS, max_size=60).map("".join)
_LIMITS = st.sampled_from([1, 2, 3, 7, 20, 50, 600])


def sentences(chunks: Iterable[str], *, marks: str | None = None, limit: int = 600, language: str = "") -> list[str]:
    splitter = SentenceSplitter(
        TextSettings(max_sentence=limit) if marks is None else TextSettings(max_sentence=limit, auto_punctuation=marks),
        language,
    )
    return [sentence for chunk in chunks for sentence in splitter.feed(chunk)] + splitter.finish()


def letters(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFD", text) if character.isalnum())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there. How are you? Fine!", ["Hello there.", "How are you?", "Fine!"]),
        ("Mr. Smith met Dr. Jones. They left.", ["Mr. Smith met Dr. Jones.", "They left."]),
        ("It costs 3.50 dollars. Good.", ["It costs 3.50 dollars.", "Good."]),
        ("Wait.... What?", ["Wait....", "What?"]),
        ("“Hello.” She left.", ["“Hello.”", "She left."]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("مرحبا؟ نعم.", ["مرحبا؟", "نعم."]),
        ("first\r\n\r\nsecond", ["first.", "second."]),
        ("first line\nsecond line.", ["first line second line."]),
    ],
)
def test_text_is_split_where_sentences_end(text: str, expected: list[str]) -> None:
    """Text in any script is split after each sentence and its closing quotes, but not after abbreviations or inside
    numbers.
    """
    assert sentences([text]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Bold** and *italic* and `code`.", ["Bold and italic and code."]),
        ("Well. 5 * 3 is 15, a * b is not.", ["Well.", "5 × 3 is 15, a × b is not."]),
        ("Stars? * Yes. * No * ", ["Stars?", "Yes. No."]),
        ("- milk\n- eggs\n- bread", ["milk, eggs, bread."]),
        ("* milk\n* eggs\n* bread", ["milk, eggs, bread."]),
        ("# Title\n\nText here.", ["Title.", "Text here."]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["a, b, 1, 2."]),
        ("See [the site](https://example.org/).", ["See the site."]),
        ("Hello 👨\u200d👩\u200d👧 world 🎉. Next 🇫🇷 one.", ["Hello world .", "Next one."]),
        ("zero\0byte and \ud800surrogate.", ["zero byte and surrogate."]),
        ("Say [[ h_ɛˈloʊ ]] now.", ["Say [[ h_ɛˈloʊ ]] now."]),
    ],
)
def test_sentences_are_clean(text: str, expected: list[str]) -> None:
    """Sentences are cleaned: markup is removed or replaced by a pause, but raw phonemes are kept."""
    assert sentences([text]) == expected
    assert sentences(text) == expected, "one character at a time"


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n\r\n", "...", "?!", "…", "🎉🎉", "- ", "# ", "***", "“”", "\0\x07", "\ud800", "[[ ]]", "。。。"],
)
def test_text_that_cannot_be_spoken_gives_no_sentence(text: str) -> None:
    """Text that consists only of punctuation, markup or emoji yields no sentence."""
    assert sentences([text]) == []


def test_a_sentence_is_returned_as_soon_as_the_next_one_has_begun() -> None:
    """A sentence is returned as soon as the next sentence begins. The last sentence is returned by `finish`."""
    splitter = SentenceSplitter(TextSettings())
    assert splitter.feed("One is done. ") == []
    assert splitter.feed("T") == ["One is done."]
    assert splitter.feed("wo is not") == []
    assert splitter.finish() == ["Two is not."]


def test_finished_splitter_can_be_used_again() -> None:
    """After `finish`, the splitter can be used for another text."""
    splitter = SentenceSplitter(TextSettings())
    splitter.feed("Mr. Smith said *")
    splitter.finish()
    assert splitter.finish() == []
    assert splitter.feed("* Then. This") == ["Then."]
    assert splitter.finish() == ["This."]


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("hello", ".?!", "hello."),
        ("hello", "!.", "hello!"),
        ("hello", "", "hello"),
        ("hello?", ".?!", "hello?"),
        ("hello?", ".!", "hello?."),
        ("“Really?”", ".?!", "“Really?”"),
        ('(He said "no.")', ".?!", '(He said "no.")'),
        ("“Really”", ".?!", "“Really”."),
        ("「好。」", ".。", "「好。」"),
        ("the end…", ".", "the end."),
        ("Title:", ".", "Title:."),
        ("[[ hɛˈloʊ ]]", ".", "[[ hɛˈloʊ ]]."),
    ],
)
def test_sentence_without_an_end_gets_one(text: str, marks: str, expected: str) -> None:
    """If a sentence does not end with a character in `--auto-punctuation`, the first of these characters is appended.
    If the option is empty, nothing is appended.
    """
    assert sentences([text], marks=marks) == [expected]


def test_long_sentence_is_split_at_the_last_pause_of_its_second_half() -> None:
    """A sentence longer than `max_sentence` is split after the last comma in the second half of the allowed length, or
    else at a space, or else inside a word.
    """
    assert sentences(["one two three, four five six"], limit=20) == ["one two three,.", "four five six."]
    assert sentences(["one two three four five six"], limit=20) == ["one two three four.", "five six."]
    assert sentences(["x" * 50], limit=20, marks="") == ["x" * 20, "x" * 20, "x" * 10]


def test_long_sentence_is_not_split_in_its_first_half() -> None:
    """A sentence longer than `max_sentence` is never split in the first half of the allowed length, which would create
    many short sentences.
    """
    assert sentences(["a, bbbbbbbbbbbb cccccccccccc"], limit=20, marks="") == ["a, bbbbbbbbbbbb", "cccccccccccc"]


@pytest.mark.unmeasured  # faster tests cover the same code
@_PROPERTY
@given(st.data(), _TEXTS, _LIMITS)
def test_sentences_do_not_depend_on_how_text_is_split(data: st.DataObject, text: str, limit: int) -> None:
    """The sentences do not depend on how the text is divided into chunks."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8), label="cuts"))
    chunks = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole = sentences([text], limit=limit)
    assert sentences(chunks, limit=limit) == whole
    assert sentences(text, limit=limit) == whole


def test_numbers_before_a_list_item_do_not_move_its_begin() -> None:
    """Random texts with numbers, list items and ends of sentences give the same sentences if they arrive character by
    character.
    """
    parts = ["a", "b ", ". ", "\n", "2", "22", ", ", "1. ", "\n2. ", "- ", " ", "! ", "Dr. ", "3.5", "A", "(", "\n\n"]
    for seed in range(1000):
        rng = random.Random(seed)
        text = "".join(rng.choice(parts) for _ in range(rng.randint(1, 14)))
        assert sentences(text) == sentences([text]), text


@pytest.mark.unmeasured  # faster tests cover the same code
@_PROPERTY
@given(st.text(st.characters(), max_size=200), _LIMITS)
def test_any_text_gives_the_same_sentences_character_by_character(text: str, limit: int) -> None:
    """Any text gives the same sentences whether it arrives as a whole or character by character."""
    assert sentences(text, limit=limit) == sentences([text], limit=limit)


_INVISIBLE = re.compile("[\ud800\udfff\ufeff\ufe0f\u20e3]")
_TWO_BACKTICKS = re.compile("`{2,}")
_STARS_AS_CODE = re.compile(r"`[^`\w]*[*][^`\w]*`")
_KEPT_STARS = re.compile(r"(?<=[0-9])[*]{2}(?=[0-9])|(?<!\w)[*][.](?:[*]|(?=\w))")
_MARKUP = re.compile("[`|🎉👨👩👧🇫🇷☝🏽\ufe0f\u20e3\ufeff]|~~|(?<!\\w )[*]|[*](?! \\w)|[]][(]")


@_PROPERTY
@given(_TEXTS)
def test_sentences_contain_no_markup(text: str) -> None:
    """The sentences of any text contain neither Markdown nor emoji. The stars in `2**10`, in the file name pattern
    `*.txt` and in inline code that consists of stars are no Markdown. Code between two backticks may contain one.
    """
    text = _STARS_AS_CODE.sub("`a`", _TWO_BACKTICKS.sub("```", _INVISIBLE.sub("", text)))
    for sentence in sentences([text]):
        assert not _MARKUP.search(_KEPT_STARS.sub("", sentence))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*.txt", ["*.txt."]),
        ("5 * 3\u2028*.*", ["5 × 3 *.*."]),
        ("**.**a", [".a."]),
        ("**.Word", [".Word."]),
        ("**.3.50", [".3.50."]),
        ("word *._", ["word ."]),
        ("word *.**", ["word *.*."]),
        ("*[a](b)*.Word", ["a.Word."]),
        ("3.50****3", ["3.50 3."]),
        ("`*`", []),
        ("1. `**`", ["1, **."]),
        ("3.50`*`", ["3.50*."]),
        ("`\ufeff* `U.S. ", ["*U.S."]),
    ],
)
def test_stars_are_kept_only_in_file_name_patterns_and_code(text: str, expected: list[str]) -> None:
    """A star before a dot is part of a file name pattern, and stars between backticks are text. Two stars before a dot
    mark bold text.
    """
    assert sentences([text]) == sentences(text) == expected


@pytest.mark.unmeasured  # faster tests cover the same code
@_PROPERTY
@given(_TEXTS, _LIMITS)
def test_sentences_can_be_spoken(text: str, limit: int) -> None:
    """For any text, each sentence is speakable, has single spaces between words, and contains no control characters or
    surrogates.
    """
    for sentence in sentences([text], limit=limit):
        assert sentence == " ".join(sentence.split())
        assert any(character.isalnum() or character == "£" for character in sentence)
        assert not {unicodedata.category(character) for character in sentence} & {"Cc", "Cs", "Co"}


@pytest.mark.unmeasured  # faster tests cover the same code
@_PROPERTY
@given(_TEXTS, _LIMITS)
def test_no_word_is_lost(text: str, limit: int) -> None:
    """The sentences contain all letters and digits of the text in order, except those of link addresses. The text
    contains no code blocks and no struck-out words, which are left out by default.
    """
    text = re.sub("[\ud800\udfff\ufeff\ufe0f\u20e3]", "", text)  # removed by the splitter as well
    text = re.sub("`{3,}|~{2,}", " ", text.replace("[a](b)", ""))
    assert letters("".join(sentences([text], limit=limit))) == letters(text)


@pytest.mark.unmeasured  # faster tests cover the same code
@_PROPERTY
@given(_TEXTS, _LIMITS)
def test_sentences_keep_the_limit(text: str, limit: int) -> None:
    """A sentence has at most `max_sentence` characters, not counting the punctuation mark that is appended and one
    comma for each numbered item.
    """
    for sentence in sentences([text], limit=limit):
        commas = len(re.findall(r", \d+[.)]", sentence)) + (re.match(r"\d+, ", sentence) is not None)
        assert len(sentence) <= limit + 1 + commas


@pytest.mark.unmeasured  # faster tests cover the same code
@pytest.mark.parametrize(
    "part",
    [
        ".",
        "a.",
        "a. ",
        "A. ",
        "*",
        " *",
        "\n* ",
        "…",
        "。",
        "好。",
        ".”",
        "[[",
        "[a](",
        "a\n1. ",
        "1. ",
        "\r\n",
        "x",
        "a ",
    ],
)
@pytest.mark.parametrize("chunks", [1, 100])
def test_long_adversarial_text_is_split(part: str, chunks: int) -> None:
    """Long texts that could make the regular expressions slow are split in linear time. A quadratic algorithm would
    take minutes.
    """
    text = part * (5_000 // len(part))
    size = len(text) // chunks
    assert all(
        len(sentence) <= 1.5 * 600
        for sentence in sentences(text[start : start + size] for start in range(0, len(text), size))
    )


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\n\n", "\n  "])
def test_each_item_of_a_numbered_list_is_a_sentence(gap: str) -> None:
    """Each item of a numbered list is a sentence that begins with the number of the item."""
    text = gap.join(["Do this:", "1. Open the door", "2) Close 3.5 of it.", "10. 2 apples"])
    expected = ["Do this:.", "1, Open the door.", "2, Close 3.5 of it.", "10, 2 apples."]
    assert sentences([text]) == sentences(text) == expected


@pytest.mark.parametrize("row", ["…", "… ", "。", "。%", ". ", "\n\n- "])
def test_sentences_without_a_sound_are_not_cleaned(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences without speakable text are dropped before they are cleaned. For a long row of punctuation marks, the
    detector may return a sentence at each mark.
    """
    cleaned: list[str] = []

    def clean(raw: str, language: str) -> str:
        assert not language
        cleaned.append(raw)
        return raw

    monkeypatch.setattr(splitting, "clean_sentence", clean)
    sentences(["a" + row * 300 + "b"])
    assert len(cleaned) <= 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs $5. Then $6!", ["It costs $5.", "Then $6!"]),
        ("Wait… €5 is too much. No.", ["Wait.", "€5 is too much.", "No."]),
        ("Take ½. Or ¼ of it.", ["Take ½.", "Or ¼ of it."]),
        ("A 5 % rise. 7 € more. Done.", ["A 5 % rise.", "7 € more.", "Done."]),
    ],
)
def test_currencies_and_fractions_are_words(text: str, expected: list[str]) -> None:
    """A currency sign or a fraction can begin a sentence."""
    assert sentences([text]) == sentences(list(text)) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en_US", "Dr. Smith met J. R. R. Tolkien at 5 p.m. | Then see No. 5. | He lives in the U.S. | It is big."),
        ("en_GB", "“Is it on?” | “Yes.” | 5 lamps are on, e.g. Granny's. | Done."),
        ("en_US", "It's -3.5 °C. | Wind: 15 km/h. | I like Bob. | He is nice."),
        ("de_DE", "Am 3. Oktober kommt Dr. Müller, z. B. um 5. | Das ist gut. | Es sind 21. | Danke!"),
        ("fr_FR", "M. Dupont part à 5 h. | « Oui. » | Elle reste."),
        ("es_ES", "El Sr. García está en EE. UU. | ¿Qué hora es? | ¡Son las tres!"),
        ("it_IT", "Il sig. Rossi è qui. | L'avv. Bianchi no."),
        ("pl_PL", "Mieszkam przy ul. Długiej. | To jest nr 5, tj. blisko."),
        ("ru_RU", "Это г. Москва и т. д. | Он родился в 1990 г. | Это А. С. Пушкин."),
        ("no_NO", "Den 3. oktober og 17. Mai. | Det er bra."),
        ("cs_CZ", "Karel IV. Lucemburský byl král. | Potom zemřel."),
        ("el_GR", "Πού είσαι? | Είμαι εδώ."),
        ("ka_GE", "ეს სახლია. | ის გარეთაა."),
        ("hi_IN", "डॉ. राम यहाँ हैं। | वह अच्छे हैं।"),
        ("ur_PK", "یہ گھر ہے۔ | وہ باہر ہے۔"),
        ("ar_JO", "د. أحمد هنا. | كيف حالك؟ | أنا بخير."),
        ("zh_CN", "你好。 | 我是王。"),
    ],
)
def test_sentences_end_as_in_the_language(language: str, text: str) -> None:
    """Whether a dot ends a sentence depends on the language."""
    expected = text.split(" | ")
    assert sentences([" ".join(expected)], language=language) == expected
    assert sentences(" ".join(expected), language=language) == expected


def test_link_may_end_with_a_sentence() -> None:
    """The end of a link may be between a punctuation mark and the next sentence."""
    assert sentences(["[See this.](https://example.org/) Then go."]) == ["See this.", "Then go."]
    assert sentences(["[你好。](https://example.org/)我是。"]) == ["你好。", "我是。"]


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("size", [1, 7, 5000])
@pytest.mark.parametrize("row", ["।", "!?", "...", "؟…", "…", ". ", "。", "(。", "!\u0301 ", "?”", '"', "— "])
def test_long_row_of_marks_is_divided_in_small_chunks(row: str, size: int) -> None:
    """A long row of punctuation marks is processed in linear time even if it arrives in small chunks, and the words
    around it are kept.
    """
    text = "Aha" + row * 1500 + " Then. "
    found = sentences([text[start : start + size] for start in range(0, len(text), size)], limit=5000)
    assert "".join(re.findall(r"\w+", "".join(found))) == "AhaThen"


@pytest.mark.parametrize("row", ["।", "!?", "...", "؟…"])
def test_long_row_of_marks_is_shortened(row: str) -> None:
    """Only the first 40 punctuation marks of a row are kept, because espeak-ng reads some of them aloud."""
    text = "Aha" + row * 100 + "b."
    for chunks in ([text], text):
        assert len("".join(re.findall(r"[.!?…؟।॥]+", "".join(sentences(chunks))))) <= 42


def test_greek_question_mark_is_replaced() -> None:
    """The Greek question mark, and a semicolon in Greek text, are replaced with `?`, because espeak-ng reads them as a
    pause.
    """
    assert sentences(["Πού είσαι; Εδώ."], language="el_GR") == ["Πού είσαι?", "Εδώ."]
    assert sentences(["Πού είσαι\u037e Εδώ;"], language="el_GR") == ["Πού είσαι?", "Εδώ?"]
    assert sentences(["I came; You went."], language="en_US") == ["I came; You went."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wait...what?", ["Wait, what?"]),
        ("Wait… what?", ["Wait, what?"]),
        ("Wait…what?", ["Wait, what?"]),
        ("Wait... What?", ["Wait...", "What?"]),
    ],
)
def test_ellipsis_inside_a_sentence_is_a_pause(text: str, expected: list[str]) -> None:
    """An ellipsis before a lower-case letter becomes a pause, with or without a space."""
    assert sentences([text]) == sentences(text) == expected


@_PROPERTY
@given(
    st.lists(
        st.one_of(
            _FRAGMENTS,
            st.sampled_from(
                [
                    "No. ",
                    "a.m. ",
                    "z. B. ",
                    "A. ",
                    "г. ",
                    "и т. д. ",
                    "am 3. ",
                    "Oktober ",
                    "The ",
                    "Das ",
                    "Он ",
                    "XIV. ",
                    ";",
                    "5",
                    " «",
                ]
            ),
        ),
        max_size=40,
    ).map("".join),
    st.sampled_from(["en_US", "de_DE", "fr_FR", "ru_RU", "cs_CZ", "el_GR", "hi_IN", "zh_CN"]),
    _LIMITS,
)
def test_sentences_of_a_language_do_not_depend_on_chunks(text: str, language: str, limit: int) -> None:
    """In any language, a text gives the same sentences whether it arrives as a whole or character by character."""
    assert sentences(text, limit=limit, language=language) == sentences([text], limit=limit, language=language)
