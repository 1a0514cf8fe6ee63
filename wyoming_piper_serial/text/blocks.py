"""Finds blocks of text that are never spoken: the reasoning of language models, tool calls, comments and scripts."""

from functools import lru_cache

import regex

from wyoming_piper_serial.text.scanning import Hidden, Token, View

# Names of elements that contain the reasoning or the tool calls of a language model. Sources: the reasoning parsers of
# vLLM 0.20 (DeepSeek, Qwen, GLM, MiniMax, Nemotron, Granite, Hunyuan, Seed-OSS), the model cards of EXAONE Deep
# (`thought`) and Hermes (`REASONING_SCRATCHPAD`), and common prompts for step-by-step reasoning.
_NAMES = (
    r"(?:seed:|antml:|mm:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad|reasoning_scratchpad"
    r"|inner_monologue|chain_of_thought|tool_calls?|tool_response|function_calls?)"
)
_ELEMENT = regex.compile(rf"<({_NAMES})(?:\s{{1,10}}[\w-]{{1,30}}=[^<>]{{0,200}})?>", regex.IGNORECASE)
# A closing tag without an opening tag. The prompts of some models already contain the opening tag.
_ELEMENT_END = regex.compile(rf"</{_NAMES}\s{{0,10}}>", regex.IGNORECASE)
# Open WebUI wraps reasoning in this element.
_DETAILS = regex.compile(r"<(details)\s{1,10}type=\"(?:reasoning|code_execution|tool_calls)\"[^<>]{0,400}>")
_UNSPOKEN = regex.compile(r"<(script|style|svg|head)(?:\s{1,10}[\w-]{1,30}=[^<>]{0,400})?>", regex.IGNORECASE)

_COMMENTS = [
    (regex.compile(r"<!--"), Hidden(regex.compile(r"-->"))),
    (regex.compile(r"<!\[CDATA\["), Hidden(regex.compile(r"\]\]>"))),
]
_DOCTYPE = regex.compile(r"<!DOCTYPE\s[^<>]{0,200}>", regex.IGNORECASE)

_CHANNEL_END = r"<\|(?:end|return|call)\|>|<\|channel\|>\s{0,4}final\b\s{0,4}(?:<\|message\|>|(?=[^<\s]))"
# The special tokens with which other models begin and end reasoning or tool calls.
_TOKENS = [
    (regex.compile(begin), Hidden(regex.compile(end)))
    for begin, end in [
        (r"<\|channel\|>\s{0,4}(?:analysis|commentary)\b(?=[\s\S])", _CHANNEL_END),  # reasoning of gpt-oss
        (r"<\|channel>\s{0,4}(?:thought|analysis)\b(?=[\s\S])", r"<channel\|>"),  # reasoning of Gemma 4
        (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),  # reasoning of Command A Reasoning
        (r"<\|inner_prefix\|>", r"<\|inner_suffix\|>"),  # reasoning of Apertus
        (r"<\|think\|>", r"<\|/think\|>"),  # reasoning in LiteRT-LM
        (r"<\|tool_call>", r"<tool_call\|>"),  # tool calls of Gemma 4
    ]
]
_BRACKETS = (regex.compile(r"\[THINK\]"), Hidden(regex.compile(r"\[/THINK\]")))  # reasoning of Magistral and Ministral
_TRIANGLES = (regex.compile(r"◁think▷"), Hidden(regex.compile(r"◁/think▷")))  # reasoning of Kimi

# Tokens that begin a turn of a conversation, together with the role or channel after them.
_ROLE = regex.compile(
    r"<\|start\|>\s{0,4}(?:assistant|user|system)\b(?=[\s\S])|<\|channel\|>\s{0,4}final\b(?=[\s\S])"
    r"|<\|im_start\|>\s{0,4}(?:assistant|user|system)\b(?=[\s\S])|<start_of_turn>model\b(?=[\s\S])"
    r"|<\|start_header_id\|>\s{0,4}(?:assistant|user|system)\s{0,4}<\|end_header_id\|>"
)
# All other special tokens, and closing tokens without an opening token.
_SINGLE = regex.compile(
    r"<\|[A-Za-z0-9_/]{1,40}\|>|<(?:channel|tool_call)\|>|<(?:start|end)_of_turn>|\[/THINK\]|◁/?think▷"
)
_BEGIN = {  # patterns by their first two characters; `<` before a letter is handled separately
    "<|": _TOKENS,
    "<!": _COMMENTS,
    "[T": [_BRACKETS],
    "◁t": [_TRIANGLES],
}
_FIRST_TWO = regex.compile(r"(<[A-Za-z/!|]|\[/?T|◁)")


def unspoken_block(view: View) -> Token | None:
    """Recognizes the beginning of an unspoken block. `view` is at `<`, `[` or `◁`.

    An unclosed block extends to the end of the text. If there is a closing tag but no opening tag, the text before the
    closing tag is kept, because it has already been spoken when the tag arrives.
    """
    if not view.match(_FIRST_TWO):
        return None
    first = view.text[view.at : view.at + 2]
    for begin, hidden in _BEGIN.get(first, ()):
        if found := view.match(begin):
            return Token(found.end(), hidden=hidden)
    if first[0] == "<" and first[1].isalpha():
        for pattern in (_ELEMENT, _DETAILS, _UNSPOKEN):
            if found := view.match(pattern):
                return Token(found.end(), hidden=_until_end_of(found[1].lower()))
    for pattern in (_ELEMENT_END, _ROLE, _SINGLE, _DOCTYPE):
        if found := view.match(pattern):
            return Token(found.end(), again="\n")
    return None


@lru_cache(maxsize=64)  # enough for all element names
def _until_end_of(name: str) -> Hidden:
    return Hidden(regex.compile(rf"</{regex.escape(name)}\s{{0,10}}>", regex.IGNORECASE))
