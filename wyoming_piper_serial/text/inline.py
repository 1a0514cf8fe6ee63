"""Recognizes inline markup: emphasis, code and escaped characters."""

from dataclasses import dataclass

import regex

from wyoming_piper_serial.text.characters import LINK_END, STAR
from wyoming_piper_serial.text.scanning import Token, View

_STARS = regex.compile(r"(\*{1,40}+)(?=([^*])(.))", regex.DOTALL)
# A number times a variable, `2*x`, but not `2*nd*`.
_FACTOR = regex.compile(r"\*\p{L}++(?=[^\p{L}*])")
_URL_BEFORE = regex.compile(r"://\S*+\Z")
_DIGIT_BEFORE = regex.compile(r"\d[ \t]?\Z")
_WORD_BEFORE = regex.compile(r"[\w)\]][ \t]\Z")
# Scripts that do not separate words with spaces.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")

_POWER = 2  # number of stars in `2**10`
_MAX_GLOB = 2  # maximum number of stars before a slash, as in `**/*.py`

_BACKTICKS = regex.compile(r"`{1,40}+(?=[^`])")
_MAX_CODE = 300
_CODE = {
    1: regex.compile(rf"`([^`\n]{{1,{_MAX_CODE}}}+)`(?=[^`])"),
    2: regex.compile(rf"``((?:[^`\n]|`(?!`)){{1,{_MAX_CODE}}}+)``(?=[^`])"),
    3: regex.compile(rf"```([^`\n]{{1,{_MAX_CODE}}}+)```(?=[^`])"),
}
_LETTER_AFTER = regex.compile(r"`(?=[\p{Nd}\p{Latin}\p{Cyrillic}\p{Greek}\p{Armenian}])")
_LETTER_BEFORE = regex.compile(r"[\p{Nd}\p{Latin}\p{Cyrillic}\p{Greek}\p{Armenian}]\Z")
_TIMES_IN_CODE = regex.compile(r"(?<=\d ?)\*(?= ?\d)|(?<=\w )\*(?= \w)")
_PRODUCT_IN_CODE = regex.compile(r"(?<=\d)\*(?=\d)")
_STAR_IN_CODE = regex.compile(r"(?<!\w)\*(?=\.\w|[/\\])|(?<=[/\\])\*|(?<=[/\\]\*\.)\*")
_BETWEEN_WORDS = regex.compile(r"(?<=\w)\*(?=\w)")

_ESCAPE = regex.compile(r"\\([*_`#+.!>~|\[\]{}()<&$%-])")
_PATH_BEFORE = regex.compile(r"(?:[:\\/][^\s\\:/]*+)\Z")
_SILENT_ESCAPES = "*`()[]|>~{}"  # characters that are removed together with their backslash


@dataclass
class Emphasis:
    """The state of emphasis marked with single stars."""

    open: bool = False
    """Whether a star has opened emphasis that is not closed yet."""


def star(view: View, state: Emphasis) -> Token | None:
    """Recognizes one or more stars and decides whether they mark emphasis, multiplication or a file name pattern."""
    found = view.match(_STARS)
    if found is None:
        return Token(view.at + 1)
    count, after, second, before = len(found[1]), found[2], found[3], view.before
    if before.endswith(f"{STAR}."):
        return Token(found.end(), STAR)  # any other stars of `**all *.***` end bold text
    if _is_glob(before, count, after, second):
        return Token(found.end(), STAR * count)
    if count > 1:
        is_between_digits = before[-1:].isdigit() and after.isdigit()
        # Two stars are a power. More stars stand for digits that are not shown, as in `4111****1234`.
        return Token(found.end(), "" if not is_between_digits else STAR * 2 if count == _POWER else " ")
    if _is_product(before, after, second):
        # Without spaces, a "×" between two numbers would be read as "by", as in dimensions.
        return Token(found.end(), " × " if before[-1:].isdigit() and after.isdigit() else "×")
    return Token(found.end(), _beside_word(view, after, state))


def _is_product(before: str, after: str, second: str) -> bool:
    """Returns whether a star means multiplication: between two numbers, or with spaces between two words."""
    spaced = after in " \t"
    following = second if spaced else after
    if _DIGIT_BEFORE.search(before) and following.isdigit():
        return True
    return spaced and (_is_word(second) or second == "(") and _WORD_BEFORE.search(before) is not None


def _beside_word(view: View, after: str, state: Emphasis) -> str:
    """Returns the replacement for a star before, after or inside a word."""
    last = view.before[-1:]
    is_inside = (_is_word(last) or last in {")", "]"}) and (_is_word(after) or after == "(")
    if state.open or not is_inside:
        state.open = not state.open and _is_word(after)
        return ""
    if last.isdigit() and after.isalpha():
        return "×" if view.match(_FACTOR) else " "
    if _UNSPACED.match(last) or _UNSPACED.match(after):
        return ""
    return "×" if after.isdigit() else " "


def backtick(view: View) -> Token | None:
    """Recognizes inline code, which is kept without its backticks, and a backtick that is used as an apostrophe."""
    if _LETTER_BEFORE.search(view.before) and view.match(_LETTER_AFTER):
        return Token(view.at + 1, "'")
    found = view.match(_BACKTICKS)
    if found is None:
        return Token(view.at + 1)
    code = _CODE.get(len(found[0]))
    if code is not None and (content := view.match(code)):
        return Token(content.end(), _spoken_code(content[1]))
    return Token(found.end())


def escape(view: View) -> Token | None:
    """Recognizes a backslash before a markup character, and the formula delimiters `\\(` and `\\[`.

    A backslash in a path, such as `C:\\*.txt`, is kept.
    """
    found = view.match(_ESCAPE)
    if found is None or (found[1] not in ")]}" and _PATH_BEFORE.search(view.before)):
        return None
    if found[1] == "#":
        return Token(found.end(), "＃")  # `clean_sentence` changes "＃" to "#" after looking for headings
    if found[1] == "*":
        return Token(found.end(), again="*")  # `star` decides whether the star is a multiplication sign
    return Token(found.end(), "" if found[1] in _SILENT_ESCAPES else found[1])


def _spoken_code(code: str) -> str:
    code = code.strip()
    if not code.strip("*"):
        return STAR * len(code)
    code = _TIMES_IN_CODE.sub("×", _PRODUCT_IN_CODE.sub(" × ", code))
    return _BETWEEN_WORDS.sub(" ", _STAR_IN_CODE.sub(STAR, code)).replace("*", "")


def _is_glob(before: str, count: int, after: str, second: str) -> bool:
    """Returns whether stars belong to a file name pattern such as `*.txt`, `C:\\*.*` or `**/*.py`."""
    last = before[-1:]
    if (last and last in "/\\") or (_URL_BEFORE.search(before) and _is_word(after)):
        return True
    # A single star may be before a dot, as in `*.txt`. Two stars mark bold text, as in `**.env**`.
    is_before_extension = count == 1 and after == "." and (second == "*" or second.isalnum())
    return not (_is_word(last) or last == LINK_END) and (is_before_extension or (after in "/\\" and count <= _MAX_GLOB))


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
