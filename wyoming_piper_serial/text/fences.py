"""Finds fenced code blocks, as in Markdown."""

from functools import lru_cache

import regex

from wyoming_piper_serial.settings import CodeBlocks
from wyoming_piper_serial.text.scanning import Hidden, Token, View

_LINE = r"\n[ \t>]{0,20}"
_FENCE = regex.compile(rf"{_LINE}(?:(`{{3,20}})([^`\n]{{0,100}})|(~{{3,20}})([^~\n][^\n]{{0,100}})?)(?=\n)")
# An opening fence at the end of a line of text, as some language models write it. If it were not recognized, the
# closing fence would be mistaken for an opening fence.
_FENCE_IN_LINE = regex.compile(r"(`{3,20})[ \t]{0,2}([\w+#.-]{0,30})[ \t]{0,4}(?=\n)")
_SPOKEN_LANGUAGES = frozenset(["text", "txt", "plain", "plaintext", "markdown", "md"])

# The announcement of a code block, by language. The default is "Code", a word that exists in most languages.
_ANNOUNCEMENTS = {
    "": "Code block.",
    "en": "Code block.",
    "bg": "Блок с код.",
    "ca": "Bloc de codi.",
    "cs": "Blok kódu.",
    "da": "Kodeblok.",
    "de": "Codeblock.",
    "el": "Μπλοκ κώδικα.",
    "es": "Bloque de código.",
    "fi": "Koodilohko.",
    "fr": "Bloc de code.",
    "hu": "Kódblokk.",
    "it": "Blocco di codice.",
    "ja": "コードブロック。",
    "ko": "코드 블록.",
    "lb": "Codeblock.",
    "nb": "Kodeblokk.",
    "nl": "Codeblok.",
    "nn": "Kodeblokk.",
    "no": "Kodeblokk.",
    "pl": "Blok kodu.",
    "pt": "Bloco de código.",
    "ro": "Bloc de cod.",
    "ru": "Блок кода.",
    "sk": "Blok kódu.",
    "sv": "Kodblock.",
    "tr": "Kod bloğu.",
    "uk": "Блок коду.",
    "zh": "代码块。",
}


class Fences:
    """Recognizes the code fences of one text."""

    def __init__(self, mode: CodeBlocks, language: str) -> None:
        self._mode = mode
        self._announcement = _ANNOUNCEMENTS.get(language, "Code.")
        self._closing: regex.Pattern[str] | None = None  # pattern for the end of the current block of plain text

    def token(self, view: View) -> Token | None:
        """Recognizes a fence. `view` is at the preceding newline or at the first backtick.

        An unclosed block extends to the end of the text.
        """
        if self._closing is not None and (found := view.match(self._closing)):
            self._closing = None
            return Token(found.end(), "\n")
        found = view.match(_FENCE) or view.match(_FENCE_IN_LINE)
        if found is None:
            return None
        fence = found[1] or found[3]
        info = (found[2] if found[1] else found[4]) or ""
        if info.strip().partition(" ")[0].lower() in _SPOKEN_LANGUAGES:
            self._closing = _closing(fence[0], len(fence), alone=True)
            return Token(found.end(), "\n\n")
        end = _closing(fence[0], len(fence), alone=fence[0] == "~")
        instead = f"{self._announcement}\n\n" if self._mode == "announce" else ""
        return Token(found.end(), f"\n\n{instead}", hidden=Hidden(end, literal=self._mode == "read"))


@lru_cache(maxsize=80)  # enough for all possible fences
def _closing(mark: str, size: int, *, alone: bool) -> "regex.Pattern[str]":
    """Returns the pattern of a closing fence of at least `size` characters. If `alone` is true, the fence must be on a
    line of its own; otherwise, it may also end a line of text.
    """
    return regex.compile(rf"{_LINE if alone else ''}{mark}{{{size},40}}[ \t]{{0,20}}(?=\n)")
