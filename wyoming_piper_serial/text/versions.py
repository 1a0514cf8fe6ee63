"""The words that precede a version such as `3.6`, so that it is not read as a date or an ordinal."""

_WORDS = (
    "version|versione|versioni|versionen|versión|versão|versie|versio|versjon|versjonen|verze|verzi|verzia|verzie|verziu|"
    "verzii|verzija|verzije|verziji|verzió|verziója|versija|versijos|wersja|wersji|wersję|versiunea|έκδοση|версия|"
    "версии|версию|версией|версія|версії|версію|верзија|release|firmware|kernel|python|android|ios|macos|windows|ubuntu|"
    "debian|kapitel|chapter|section|assistant|esphome|zigbee2mqtt|docker|firefox|chrome|nodejs|java|usb|hdmi|bluetooth|ble|"
    "displayport|pcie|zigbee|matter|tls"
)
# Words of languages that are written without spaces, so that a letter may precede them.
_UNSPACED = "版本|版本号|バージョン|버전"
# A verb or a colon between the word and the version.
_LINK = r"(?:[:：为是]|\s(?:is|ist|je|jest|er|är|on|est|es|è|é|este))?"

_KNOWN = tuple(f"{_WORDS}|{_UNSPACED}".split("|"))

BEFORE_VERSION = rf"(?i)(?:(?<![\p{{L}}\p{{N}}_])(?:{_WORDS})\.?|(?:{_UNSPACED})){_LINK}\s?"
"""A pattern for the word before a version and the space between them."""


def has_version_word(text: str) -> bool:
    """Returns whether `text` may contain one of the words before a version."""
    return any(map(text.lower().__contains__, _KNOWN))
