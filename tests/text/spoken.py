"""Compares prepared text with the words that a person would say, based on espeak-ng's phonemes for both."""

from collections.abc import Iterator

import regex

from tests.fixture_voices import phonemizers
from wyoming_piper_serial.phonemes.espeak import sentences
from wyoming_piper_serial.text.frontends import Frontends

# espeak-ng voices whose names differ from the language code of the Piper voice.
ESPEAK_VOICES = {
    "en": "en-us",
    "en_US": "en-us",
    "en_GB": "en-gb-x-rp",
    "es_MX": "es-419",
    "es_AR": "es-419",
    "fr": "fr",
    "no": "nb",
    "pt": "pt-br",
    "pt_BR": "pt-br",
    "zh": "cmn",
}
_UNHEARD = regex.compile(r"[\sˈˌ.,:;!?。，；：！？\-–—]+")
_CHOICE = regex.compile(r"\{([^{}]*)\}")
# Sounds that espeak-ng inserts to link English words. Between words, it also changes "t" to "ɾ".
_LINKS = regex.compile(r"(?<=[ːɪi])ʲ|(?<=ɹ)ɹ")
# The letter "A" next to another single letter. espeak-ng would read it as the article.
_LETTER_A = regex.compile(r"\bA(?= \p{Lu}\b)|(?<=\b\p{Lu} )A\b")
_FRONTENDS = Frontends()


def espeak_voice(language: str) -> str:
    """Return the espeak-ng voice for a language code such as `en_US` or `de`."""
    return ESPEAK_VOICES.get(language, language.split("_", maxsplit=1)[0].lower())


def runs(text: str, language: str) -> list[str]:
    """Return espeak-ng's phonemes for `text`, with one string per model run."""
    process = phonemizers().process("espeak")
    request = {"voice": espeak_voice(language), "folder": ""}

    def clauses(part: str) -> list[tuple[str, str, bool]]:
        found = process.submit(process.ask, request | {"text": part}).result()
        return [(str(one[0]), str(one[1]), bool(one[2])) for one in found]

    return ["".join(sentence) for sentence in sentences(text, clauses)]


def sounds(text: str, language: str) -> str:
    """Return the phonemes of `text` without stress, spaces and punctuation."""
    heard = _UNHEARD.sub("", "".join(runs(text, language)))
    return _LINKS.sub("", heard).replace("ɾ", "t") if language.startswith("en") else heard


def prepared(text: str, language: str) -> str:
    """Return `text` as prepared for a voice in `language`."""
    return _FRONTENDS.preparer(language).prepare(text).text


def alternatives(expected: str) -> Iterator[str]:
    """Yield every text that `expected` allows. ` || ` separates alternatives, and `{a|b}` means a or b. Braces can be
    nested.
    """
    texts = expected.split(" || ")
    while texts:
        text = texts.pop()
        choice = _CHOICE.search(text)  # an innermost choice, without nested choices
        if choice is None:
            yield _LETTER_A.sub("eigh", regex.sub(" +", " ", text))
        else:
            texts += [text[: choice.start()] + one + text[choice.end() :] for one in choice[1].split("|")]


def is_spoken_as(text: str, expected: str, language: str) -> bool:
    """Return whether the prepared `text` sounds like one of the texts that `expected` allows."""
    heard = sounds(_FRONTENDS.frontend(language, "auto").spoken(text), language)
    return any(sounds(one, language) == heard for one in alternatives(expected))
