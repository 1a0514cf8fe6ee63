"""Fenced code blocks are left out, announced or read."""

import pytest

from tests.text.filtering import filtered, spoken

_BLOCK = "See:\n```python\nx = a[0] < b  # <b>\n```\nDone."


def test_block_is_left_out() -> None:
    """A code block is left out. The text before it and the text after it are separate sentences."""
    assert spoken(_BLOCK) == ["See:.", "Done."]


def test_block_is_announced_in_the_language() -> None:
    """With `announce`, a code block is replaced by a short text in the language of the voice."""
    assert filtered(_BLOCK, code_blocks="announce", language="de_DE").split() == ["See:", "Codeblock.", "Done."]
    assert "Code." in filtered(_BLOCK, code_blocks="announce", language="sw")


def test_block_is_read_as_it_is() -> None:
    """With `read`, the code is spoken, and markup inside it is not interpreted."""
    assert filtered(_BLOCK, code_blocks="read") == "See:\n\n\nx = a[0] < b  # <b>\n\n\nDone."
    assert filtered("```\na", code_blocks="read") == "\n\na"


@pytest.mark.parametrize(
    "text",
    [
        "a\n~~~\ncode\n~~~\nb",
        "a\n````md-x\n```\ncode\n```\n````\nb",
        "a\n  ```c++ title=x\ncode\n  ```  \nb",
        "a\n> ```\n> code\n> ```\nb",
        "a ```js\ncode\n```\nb",
        "a\n```\ncode```\nb",
        "a\r\n```\r\ncode\r\n```\r\nb",
        "a\n```\n\n\n```\nb",
    ],
)
def test_fences_of_all_forms_are_found(text: str) -> None:
    """A fence consists of at least three backticks or tildes, may be indented or quoted, and may follow text. The
    closing fence is at least as long as the opening one.
    """
    assert filtered(text).split() == ["a", "b"]


def test_open_block_extends_to_the_end() -> None:
    """An unclosed code block is left out up to the end of the text."""
    assert spoken("Look.\n```\nx = 1. Y") == ["Look."]


@pytest.mark.parametrize("language", ["text", "markdown", "plaintext"])
def test_block_of_text_is_read(language: str) -> None:
    """A block with a language such as `text` is treated like ordinary text."""
    assert spoken(f"```{language}\n# Hi\n*you*\n```\nDone.") == ["Hi. you.", "Done."]
