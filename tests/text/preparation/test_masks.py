"""Addresses, versions and similar text are not rewritten."""

import pytest

from tests.text.preparation.core_rules import prepared
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.masks import digit_strings, protections
from wyoming_piper_serial.text.preparation.passage import Mask, Rule


def _masks() -> list[Mask]:
    return [step for step in protections(Locale.of("de")) if not isinstance(step, Rule)]


@pytest.mark.parametrize(
    "text",
    [
        "[[ -5 °C ]]",
        "https://example.com/a-5?b=-3",
        "www.example.com/-5",
        "john.doe-5@example.com",
        "192.168.1.10",
        "10.0.0.1:8123",
        "fe80::1",
        "aa:bb:cc:dd:ee:ff",
        "1.2.3",
        "2024.10.1",
        "v3.12",
        "Python 3.12",
        "Version 2.0",
        "USB 3.0",
        "802.11ac",
        "/var/log/app-5.log",
        "~/a/b",
        "C:\\files\\x-5",
        "light.kitchen_5",
        "example.com",
        "example.com/help/index.html?a=b#c",
    ],
)
def test_text_is_masked_as_a_whole(text: str) -> None:
    """A single pattern matches a complete address, version or path, even inside a sentence."""
    sentence = f"See {text} now"
    assert any(match[0] == text for mask in _masks() for match in mask.pattern.finditer(sentence))


def test_standard_at_the_end_of_a_sentence_is_masked() -> None:
    """The full stop is no part of the name of the standard."""
    assert prepared("Nätet har 802.11ac.", "sv") == "Nätet har 802.11ac."


@pytest.mark.parametrize(
    "text",
    [
        "3.10.2024",
        "03.10.24",
        "1.234.567",
        "21.5 °C",
        "10:30",
        "10:30:00",
        "z.B. so",
        "e.g. this",
        "dott.ssa",
        "km/h",
        "555.123.4567",
        "[[ x",
    ],
)
def test_text_is_not_masked(text: str) -> None:
    """Dates, thousands, times and abbreviations are not masked."""
    assert not any(mask.pattern.search(text) for mask in _masks())


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("nl", "versie 1.2.3", "versie 1 punt 2 punt 3"),
        ("uk", "192.168.1.10", "192 крапка 168 крапка 1 крапка 10"),
        ("de", "192.168.1.10", "192.168.1.10"),
        ("nl", "[[1.2.3]]", "[[1.2.3]]"),
        ("en", "See https://www.home-assistant.io/docs now", "See home-assistant dot i o/docs now"),
        ("en", "See hub.docker.io.", "See hub.docker dot i o."),
        ("en", "See http://example.com/a-5", "See example.com/a-5"),
        ("de", "https://www.home-assistant.io/docs", "home-assistant.io/docs"),
    ],
)
def test_addresses_and_versions_are_spoken(language: str, written: str, spoken: str) -> None:
    """Dots in versions and network addresses are replaced with words if espeak-ng does not read them. `https` is
    removed because people do not say it.
    """
    assert prepared(written, language) == spoken


@pytest.mark.parametrize("text", ["+49 30 1234567", "030 1234567", "06 12 34 56 78", "555 123-4567"])
def test_telephone_number_is_no_number(text: str) -> None:
    """The core rules do not read the digits of a telephone number as numbers."""
    assert any(
        match[0] == text
        for mask in digit_strings(Locale.of("de"))
        for match in mask.pattern.finditer(f"Call {text} now")
    )


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("777 123 456", "777, 123, 456"),
        ("(602 123 456)", "(602, 123, 456)"),
        ("Volejte 777 123 456 kdykoli.", "Volejte 777, 123, 456 kdykoli."),
        ("tel.: 777 123 456, 601 123 456 nebo 602 123 456", "tel.: 777, 123, 456, 601, 123, 456 nebo 602, 123, 456"),
        ("+420 777 123 456", "+420, 777, 123, 456"),
        ("+420777123456, +421 905 123 456", "+420, 777, 123, 456, +421, 905, 123, 456"),
        ("123 456 789", "123456789"),
        ("777 123 456 lidí", "777123456 lidí"),
        ("777 123 456 Kč, €777 123 456", "777123456 korun, 777123456 eur"),
        ("1-777 123 456", "1-777123456"),
        ("1 777 123 456, 777 123 456 789", "1777123456, 777123456789"),
        ("777 123 456,50", "777123456,50"),
        ("777 000 000", "777000000"),
    ],
)
@pytest.mark.parametrize("language", ["cs", "sk"])
def test_groups_of_a_telephone_number_are_read_one_by_one(language: str, written: str, spoken: str) -> None:
    """Nine digits are a telephone number if they begin with 6 or 7 and no noun, unit or currency shows an amount, or if
    they follow the prefix of the country.
    """
    assert prepared(written, language).replace("eura", "eur").replace("korún", "korun") == spoken
