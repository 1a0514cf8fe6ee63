"""The reasoning of language models, comments and scripts are left out."""

import pytest

from tests.text.filtering import filtered, spoken
from wyoming_piper_serial.text.markup import MarkupFilter


@pytest.mark.parametrize(
    "block",
    [
        "<think>Hm. What now?\n\n# Plan\n</think>",
        "<thinking>a < b</thinking>",
        "<THINK>a</THINK >",
        '<think type="deep">a</think>',
        "<reasoning>a</reasoning>",
        "<thought>a</thought>",
        "<seed:think>a</seed:think>",
        "<REASONING_SCRATCHPAD>a</REASONING_SCRATCHPAD>",
        "[THINK]a[b][/THINK]",
        "◁think▷a◁/think▷",
        "<|channel|>analysis<|message|>a. B<|end|><|start|>assistant<|channel|>final<|message|>",
        "<|channel|>analysis<|message|>a<|channel|>final<|message|>",
        "<|channel>thought\na<channel|>",
        "<|START_THINKING|>a<|END_THINKING|>",
        "<|inner_prefix|>a<|inner_suffix|>",
        '<details type="reasoning" done="true">\n<summary>Thought</summary>\n> a\n</details>',
        '<tool_call>{"name": "light.turn_on"}</tool_call>',
        "<!-- a. B -->",
        "<script>if (a < b) { x(); }</script>",
        '<style type="text/css">p { color: red }</style>',
        "<!DOCTYPE html>",
    ],
)
def test_block_is_left_out(block: str) -> None:
    """An unspoken block is left out, regardless of its position and of how the text is split into chunks. The text
    after the block begins a new line.
    """
    assert filtered(f"{block}Yes.").strip() == "Yes."
    assert filtered(f"{block}\n\n1. Yes.").strip() == "1\ue001Yes."
    assert filtered(f"Well. {block} Yes.").split() == ["Well.", "Yes."]


@pytest.mark.parametrize("begin", ["<think>", "[THINK]", "<|channel|>analysis<|message|>", "<!--"])
def test_block_without_an_end_extends_to_the_end(begin: str) -> None:
    """If the answer was cut off, an unclosed block is left out up to the end of the text."""
    assert filtered(f"Yes. {begin} One. Two.\n\nThree.") == "Yes. "


@pytest.mark.parametrize(
    "end", ["</think>", "</thinking>", "[/THINK]", "<channel|>", "<|im_end|>", "<|return|>", "<|im_start|>assistant"]
)
def test_end_without_a_beginning_is_removed(end: str) -> None:
    """A closing tag without an opening tag is removed. The text before the tag is kept, because it has already been
    spoken when the tag arrives.
    """
    assert spoken(f"One.{end}\n\nTwo.") == ["One.", "Two."]


@pytest.mark.parametrize(
    "text",
    ["I think <this> is it.", "[THINGS] to do", "a <| b |> c", "List<Thing> x", "<thin> paper", "5 <!= 6"],
)
def test_text_that_looks_similar_is_kept(text: str) -> None:
    """Text that only resembles the tag of an unspoken block is not changed."""
    assert filtered(text) == text


def test_long_block_is_not_kept_in_memory() -> None:
    """Inside an unspoken block, only the last characters are buffered, because they may begin the closing tag."""
    markup = MarkupFilter()
    markup.feed("<think>")
    for _ in range(100):
        assert markup.feed("word " * 200) == ""
    assert len(markup._held) < 200
    assert markup.feed("</think>Yes") + markup.finish() == "\nYes"
