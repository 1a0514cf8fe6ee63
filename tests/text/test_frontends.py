"""The rules and data of a language are loaded when the language is first used."""

import subprocess
import sys

from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.frontends import Frontends


def test_rules_are_those_of_the_language() -> None:
    """The spoken form of a sentence depends on the language of the voice."""
    frontends = Frontends()
    assert frontends.frontend("de_DE", "auto").spoken("-5 °C") == "minus 5 Grad Celsius"
    assert frontends.frontend("fr_FR", "auto").spoken("-5 °C") == "moins 5 degrés Celsius"


def test_rules_can_be_turned_off() -> None:
    """If the text rules are turned off, a sentence is not changed, and no language data is read."""
    frontends = Frontends()
    assert frontends.frontend("de_DE", "off").spoken("-5 °C") == "-5 °C"
    assert not frontends.is_loaded("de_DE", "auto")


def test_a_language_is_loaded_once() -> None:
    """The data of a language is read and its patterns are compiled on first use."""
    frontends = Frontends()
    first = frontends.preparer("de_DE")
    assert frontends.is_loaded("de_DE", "auto")
    assert frontends.preparer("de_DE") is first


def test_sentences_end_as_in_the_language() -> None:
    """The splitter for a language uses the abbreviations of that language."""
    splitter = Frontends().splitter(TextSettings(), "de_DE")
    assert [*splitter.feed("Am 3. Oktober ist frei. Gut."), *splitter.finish()] == ["Am 3. Oktober ist frei.", "Gut."]


def test_server_starts_without_the_patterns() -> None:
    """Importing the application does not import the modules that compile many patterns."""
    program = "import sys, wyoming_piper_serial.app; print([name for name in sys.modules if '.text.' in name])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert "text.frontends" in found
    assert "text.sentences" not in found
    assert "text.preparation" not in found


def test_splitting_compiles_no_pattern_after_the_load() -> None:
    """Text is split in the event loop, which would be blocked while a pattern is compiled. All patterns are compiled by
    `load`, which runs in a thread."""
    child = """
import regex
from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.frontends import Frontends

frontends = Frontends()
frontends.load("en", "auto")
def compile(*arguments):
    raise AssertionError(arguments)
regex.compile = compile
text = "**At** 3:30 e.g. [it](a.b) is -5 °C. Dr. No said: `no` & <b>so</b>... 1st! $x$ * a"
text += "\\n\\n- b\\n1. c|d\\n# e\\n3 * 4 ★★\\n```f```"
splitter = frontends.splitter(TextSettings(), "en")
assert list(splitter.feed(text)) + list(splitter.finish())
"""
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr


def test_loaded_language_does_not_wait_for_another_one() -> None:
    """The event loop can use a loaded language while a thread loads another one."""
    frontends = Frontends()
    frontends.load("en_US", "auto")
    with frontends._lock:  # as if a thread were loading another language
        assert frontends.frontend("en_US", "auto").spoken("5 km") == "5 kilometers"
        assert frontends.splitter(TextSettings(), "en_US").finish() == []
