"""MarkupFilter removes markup from streamed text."""

import gc
import random
import weakref

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.markup import MarkupFilter
from wyoming_piper_serial.text.scanning import MAX_WINDOW
from wyoming_piper_serial.text.sentences import SentenceSplitter

# Other tests cover the same code, and the measurement of coverage would double the time of these tests.
pytestmark = pytest.mark.unmeasured

# Suppress Hypothesis's warning that fixtures run once per test instead of once per example. This is harmless because no
# fixture holds state of the code under test.
_PROPERTY = settings(
    max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_BLOCKS = [
    *("<think>", "</think>", "<!--", "-->", "<script>", "</script>", "[THINK]", "[/THINK]", "◁think▷", "◁/think▷"),
    *("<|channel|>analysis", "<|message|>", "<|end|>", "<|start|>assistant", "<|channel|>final", "<|channel>thought\n"),
    *("```", "\n```py\n", "\n~~~", "````", "\n```text\n"),
]
_INLINE = [
    *(
        "<b>",
        "</b>",
        "<br>",
        '<a href="x. Y">',
        "<p>",
        "<li>",
        "<td>",
        "<sup>2</sup>",
        "<host>",
        "<3",
        "3 < 5",
        '<img src="',
    ),
    *(
        "&amp;",
        "&lt;",
        "&#39;",
        "&nbsp;",
        "&",
        "[a",
        "](",
        "](b)",
        "][r]",
        "\n[r]: http://x.y",
        "[^1]",
        "[^1]: ",
        "![",
        "[",
        "]",
    ),
    *("[[", "]]", "[[P|q]]", "[[ a ]]", "*", "**", " * ", "`", "``", "`b`", "\\", "\\*", "\\(", "_", "~~", "$", "^2"),
]
_LINES = [
    "\n- ",
    "\n* ",
    "\n- [x] ",
    "\n1. ",
    "\n2) ",
    "\n3. ",
    "\n# ",
    "\n|",
    " | ",
    "\n---",
    "\n===",
    "\n> ",
    "• ",
    "● ",
]
_TEXT = [
    "a",
    "b ",
    "Word. ",
    "Next",
    "5",
    "x ",
    ". ",
    "! ",
    "，",
    "好。",
    "①",
    "ﬁ",
    "℃",
    "🎉",
    "\r\n",
    "\r",
    "\n\n",
    "Mai ",
    "(",
    ")",
]
_FRAGMENTS = _BLOCKS + _INLINE + _LINES + _TEXT
_TEXTS = st.lists(st.sampled_from(_FRAGMENTS), max_size=40).map("".join)


@_PROPERTY
@given(st.data(), _TEXTS, st.sampled_from(["", "de"]), st.sampled_from(["skip", "announce", "read"]))
def test_result_does_not_depend_on_how_the_text_is_split(
    data: st.DataObject, text: str, language: str, mode: str
) -> None:
    """The output does not depend on how the text is divided into chunks."""
    markup = MarkupFilter(language=language, code_blocks=mode)  # type: ignore[arg-type]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8), label="cuts"))
    chunks = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole = markup.feed(text) + markup.finish()
    assert "".join(map(markup.feed, chunks)) + markup.finish() == whole
    assert "".join(map(markup.feed, text)) + markup.finish() == whole


@_PROPERTY
@given(_TEXTS, st.sampled_from([1, 7, 50, 600]))
def test_sentences_with_markup_do_not_depend_on_how_the_text_is_split(text: str, limit: int) -> None:
    """A text with all kinds of markup gives the same sentences if it arrives character by character."""
    splitter = SentenceSplitter(TextSettings(max_sentence=limit))
    whole = splitter.feed(text) + splitter.finish()
    pieces = [sentence for character in text for sentence in splitter.feed(character)]
    assert pieces + splitter.finish() == whole


@_PROPERTY
@given(st.lists(st.sampled_from([part for part in _FRAGMENTS if not regex.search(r"[`\\]|\[\[", part)])).map("".join))
def test_no_marks_of_reasoning_are_left(text: str) -> None:
    """The output never contains reasoning tags, except in code, in raw phonemes and after a backslash."""
    markup = MarkupFilter()
    result = markup.feed(text) + markup.finish()
    for mark in ("<think>", "</think>", "<|", "◁", "▷"):
        assert mark not in result


def test_words_are_passed_on_at_once() -> None:
    """Plain text is returned immediately, and markup is processed as soon as it is complete."""
    markup = MarkupFilter()
    assert markup.feed("Hello wor") == "Hello wor"
    assert markup.feed("ld <b") == "ld "
    assert markup.feed(">bold") == "bold"
    assert markup.feed(" 3 <") == " 3 "
    assert markup.feed(" 5") == "< 5"


def test_filter_can_be_used_again() -> None:
    """After `finish`, the filter can be used for another text."""
    markup = MarkupFilter()
    markup.feed("a <think> b ` c")
    assert markup.finish() == ""
    assert markup.feed("- a") + markup.finish() == "- a"


@pytest.mark.parametrize(
    "begin", ["<a href='", "[a](", "`", "[[a", "\n[a]: ", "<think a=", "&", "\n   ", "\n1. ", "\\", "**"]
)
def test_memory_is_bounded(begin: str) -> None:
    """The filter does not buffer more text than a pattern can match."""
    markup = MarkupFilter()
    markup.feed(begin)
    for _ in range(30):
        markup.feed("x" * 100)
        assert len(markup._held) <= MAX_WINDOW + 100


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize(
    "part", [*_FRAGMENTS, "<a ", "<a b=", "[[a", "](a(", "](<", "[^a", "$a", "^{", "a |\n", "\n ", "#", "a # "]
)
def test_long_rows_are_filtered(part: str) -> None:
    """Long repetitions of a fragment are filtered in linear time. A quadratic algorithm would take minutes."""
    markup = MarkupFilter()
    markup.feed(part * (5_000 // len(part)))
    markup.finish()


def test_random_markup_may_arrive_in_any_pieces() -> None:
    """Random texts with markup give the same result for chunks of any size."""
    markup = MarkupFilter(language="nb")
    for seed in range(200):
        rng = random.Random(seed)
        text = "".join(rng.choice(_FRAGMENTS) for _ in range(12))
        whole = markup.feed(text) + markup.finish()
        size = rng.randint(1, 7)
        pieces = [markup.feed(text[at : at + size]) for at in range(0, len(text), size)]
        assert "".join(pieces) + markup.finish() == whole, text


def test_filter_is_freed_without_the_garbage_collector() -> None:
    """A filter that is no longer used is freed at once. Each text needs one, and collecting garbage blocks the event
    loop."""
    gc.disable()
    try:
        markup = MarkupFilter()
        markup.feed("*One* <b>two</b> [three](four) `five` & six\n- seven")
        markup.finish()
        unused = weakref.ref(markup)
        del markup
        assert unused() is None
    finally:
        gc.enable()
