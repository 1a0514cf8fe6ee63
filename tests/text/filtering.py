"""Helpers that clean a text both as a whole and character by character."""

from wyoming_piper_serial.settings import CodeBlocks, TextSettings
from wyoming_piper_serial.text.markup import MarkupFilter
from wyoming_piper_serial.text.sentences import SentenceSplitter


def filtered(text: str, *, code_blocks: CodeBlocks = "skip", language: str = "") -> str:
    """Return the text without markup. Assert that the result is the same if the text arrives character by character."""
    markup = MarkupFilter(code_blocks=code_blocks, language=language)
    whole = markup.feed(text) + markup.finish()
    assert "".join(map(markup.feed, text)) + markup.finish() == whole
    return whole


def spoken(text: str) -> list[str]:
    """Return the cleaned sentences. Assert that the result is the same if the text arrives character by character."""
    splitter = SentenceSplitter(TextSettings())
    whole = splitter.feed(text) + splitter.finish()
    pieces = [sentence for character in text for sentence in splitter.feed(character)]
    assert pieces + splitter.finish() == whole
    return whole
