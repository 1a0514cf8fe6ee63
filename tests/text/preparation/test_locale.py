"""A locale provides the words of its language and region."""

import json
from pathlib import Path

import pytest

import wyoming_piper_serial
from wyoming_piper_serial.text.preparation.locale import Locale

_PACKAGE = Path(wyoming_piper_serial.__file__).parent
_DATA = _PACKAGE / "text" / "data"


def test_every_language_of_a_public_voice_has_data() -> None:
    """There is data for the language of every voice in Piper's list."""
    voices = json.loads((_PACKAGE / "voices" / "remote" / "public.json").read_text(encoding="utf-8"))
    codes = {voice["language"]["code"] for voice in voices.values()}
    assert [code for code in sorted(codes) if not Locale.of(code).data] == []


def test_data_is_small() -> None:
    """The data of all languages takes less than a megabyte."""
    assert sum(path.stat().st_size for path in _DATA.iterdir()) < 1_000_000


@pytest.mark.parametrize("code", ["xx", "", "../../etc/passwd", "en/../de", "_", "en_XX_YY"])
def test_unknown_language_has_no_data(code: str) -> None:
    """The language code is untrusted, because it comes from a voice config. An unknown region uses the data of its
    language.
    """
    assert bool(Locale.of(code).data) == code.startswith("en_")


def test_region_replaces_words() -> None:
    """The file of a region contains only the differences from its language."""
    assert Locale.of("en-us").counted("km", 2) == "2 kilometers"
    assert Locale.of("en_GB").counted("km", 2) == "2 kilometres"
    assert Locale.of("pt_PT").counted("km", 2) == "2 quilómetros"
    assert Locale.of("es_MX").data["signs"]["$"] == "MXN"
    assert Locale.of("nb_NO").language == "no"


@pytest.mark.parametrize(
    ("code", "unit", "number", "expected"),
    [
        ("de", "kWh", "1", "1 Kilowattstunde"),
        ("de", "MWh", "2", "2 Megawattstunden"),
        ("de", "mAh", "3000", "3000 Milliamperestunden"),
        ("fr", "°C", "21.5", "21,5 degrés Celsius"),
        ("ru", "км", "5", ""),
        ("ru", "km/h", "21.5", "21,5 километра в час"),
        ("ru", "kWh", "5", "5 киловатт-часов"),
        ("pl", "km/h", "22", "22 kilometry na godzinę"),
        ("pl", "kV", "5", "5 kilowoltów"),
        ("tr", "%", "45", "yüzde 45"),
        ("zh", "°C", "21.5", "21.5摄氏度"),
        ("uk", "°C", "3.5", "3 кома 5 градуса Цельсія"),
        ("lv", "°C", "21", "21 Celsija grāds"),
    ],
)
def test_unit_has_the_form_of_its_number(code: str, unit: str, number: str, expected: str) -> None:
    """The name of a unit has the plural form of the number, and the decimal sign is one that espeak-ng reads."""
    locale = Locale.of(code)
    assert locale.has_unit(unit) == bool(expected)
    if expected:
        assert locale.counted(unit, number) == expected


def test_words_may_take_the_place_of_digits() -> None:
    """A rule can pass the number in words and still get the correct form of the unit."""
    assert Locale.of("de").counted("h", 1, "eine") == "eine Stunde"


def test_rates_and_prices() -> None:
    """The words for "per unit" follow the amount or surround it."""
    german, chinese = Locale.of("de"), Locale.of("zh")
    assert german.per("kWh", german.currency("EUR", "0.30")) == "0,30 Euro pro Kilowattstunde"
    assert chinese.rate("m³", chinese.counted("µg", 12)) == "每立方米12微克"
    assert german.has_per("h")
    polish = Locale.of("pl")
    assert polish.per("m³", "5 złotych") == "5 złotych za metr sześcienny"
    assert polish.rate("m³", "5 gramów") == "5 gramów na metr sześcienny"
    assert not german.has_per("€")


@pytest.mark.parametrize(
    ("code", "currency", "amount", "expected"),
    [
        ("es", "EUR", "5 millones", "5 millones de euros"),
        ("fr", "EUR", "5 millions", "5 millions d'euros"),
        ("fr", "USD", "5 millions", "5 millions de dollars"),
        ("de", "EUR", "5 Millionen", "5 Millionen Euro"),
        ("pl", "PLN", "5 milionów", "5 milionów złotych"),
        ("ro", "USD", "5 milioane", "5 milioane de dolari"),
    ],
)
def test_millions_of_a_currency(code: str, currency: str, amount: str, expected: str) -> None:
    """After "million", the name of the currency is in the plural. Some languages also require a preposition."""
    assert Locale.of(code).scaled_currency(currency, amount) == expected


def test_number_has_a_word_such_as_million() -> None:
    """The word may be written in full, abbreviated or, before a currency, as a letter."""
    german = Locale.of("de")
    assert [german.scaled(scale, 5) for scale in ("Millionen", "Mio.", "M")] == ["5 Millionen"] * 3
    assert german.scaled("Mrd", 1, "eine") == "eine Milliarde"


def test_date_has_the_order_of_the_language() -> None:
    """Dates have the order and the grammatical form of the month that the language requires."""
    dates = {code: Locale.of(code).date(5, 3, 2024) for code in ("en_US", "en_GB", "pl", "hu", "zh", "ca", "lb")}
    assert dates == {
        "en_US": "March 5, 2024",
        "en_GB": "5 March 2024",
        "pl": "5 marca 2024",
        "hu": "2024 március 5",
        "zh": "2024年3月5日",
        "ca": "5 de març del 2024",
        "lb": "5 Mäerz 2024",
    }


def test_words_for_signs_and_months() -> None:
    """The data contains the words for signs and months that the rules use."""
    german = Locale.of("de")
    assert (german.minus, german.plus, german.plus_minus, german.months[2]) == ("minus", "plus", "plus minus", "März")
