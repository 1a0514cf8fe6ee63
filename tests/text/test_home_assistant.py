"""In Home Assistant's answers, the minus sign, the decimal sign and the unit of each value are spoken."""

import datetime
from importlib.resources import files
from pathlib import Path

import pytest
import regex

import wyoming_piper_serial
from tests.text.home_assistant import NAMES, answers
from tests.text.preparation import core_rules
from tests.text.spoken import prepared, runs, sounds
from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.sentences import SentenceSplitter

# Other tests cover the same code, and the measurement of coverage would double the time of these tests.
pytestmark = pytest.mark.unmeasured

_DATA = Path(wyoming_piper_serial.__file__).parent / "text" / "data"
_LANGUAGES = sorted(path.stem for path in _DATA.glob("??.json"))
_ANSWERED = [
    code
    for code in (*_LANGUAGES, "pt_PT")
    if files("home_assistant_intents").joinpath("data", f"{NAMES.get(code, code)}.json").is_file()
]
# In these languages, no unit symbol may remain.
_COMPLETE = {"de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "zh"}
_UNITS = ["°C", "°F", "%", "km/h", "m/s", "kWh", "W", "hPa", "lx", "ppm", "µg/m³", "mm", "min", "GB", "Mbit/s", "V"]
_WHEN = datetime.datetime(2026, 10, 3, 18, 45, tzinfo=datetime.UTC)


def split(text: str, language: str) -> list[str]:
    """Return the sentences of a text."""
    splitter = SentenceSplitter(TextSettings(), language)
    return [*splitter.feed(text), *splitter.finish()]


_SIGN = regex.compile(r"(?<![\p{L}\p{N}])[-−]\s?\d")


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("language", _ANSWERED)
def test_answers_keep_minus_decimal_sign_and_unit(language: str) -> None:
    """In answers with a negative or fractional value, the minus and decimal signs are spoken, and no unit symbol
    remains.

    The core rules alone are sufficient for this.
    """
    locale = Locale.of(language)
    for value, unit in ((-3.5, "°C"), (21.5, "km/h"), (-0.5, "kWh"), (1234.5, "hPa")):
        for _intent, text in answers(language, value, unit, _WHEN):
            spoken = core_rules.prepared(text, language)
            assert not _SIGN.search(spoken), (text, spoken)
            if _SIGN.search(text):
                assert locale.minus in spoken, (text, spoken)
            if regex.search(rf"(?<!\d){abs(value)}(?!\d)", text):
                assert locale.spoken(str(abs(value))) in spoken, (text, spoken)
            if locale.has_unit(unit) and regex.search(rf"\d ?{unit}(?!\p{{L}})", text):
                assert not regex.search(rf"{unit}(?!\p{{L}})", spoken), (text, spoken)


def test_most_languages_have_answers() -> None:
    """The templates can be rendered for most languages. Otherwise, the tests in this module would check too few
    answers.
    """
    rendered = [code for code in _ANSWERED if len(list(answers(code, 21.5, "°C", _WHEN))) > 2]
    assert len(rendered) > 40


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("language", sorted(_COMPLETE))
def test_no_unit_of_a_sensor_is_left_as_letters(language: str) -> None:
    """Every unit of Home Assistant's sensors is spoken in words."""
    for unit in _UNITS:
        for value in ("-3.5", "1", "21,5", "1000"):
            for text in (f"{value} {unit}", f"{value}{unit}"):
                spoken = prepared(text, language)
                assert not regex.search(rf"(?<!\p{{L}}){unit}(?!\p{{L}})", spoken.removeprefix("min ")), (text, spoken)


@pytest.mark.parametrize("language", sorted(_COMPLETE))
def test_minus_and_fraction_of_an_answer_are_heard(language: str) -> None:
    """An answer without the minus sign, or with a different value, has different phonemes."""
    for intent, text in answers(language, -3.5, "°C", _WHEN):
        if intent in {"HassGetState", "HassClimateGetTemperature"}:
            heard = sounds(prepared(text, language), language)
            for other in (text.replace("-", ""), text.replace("3.5", "35").replace("3,5", "35")):
                assert other == text or sounds(prepared(other, language), language) != heard, text


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("language", _LANGUAGES)
def test_minus_and_decimal_sign_are_heard(language: str) -> None:
    """espeak-ng speaks the word for minus and the replacement for the decimal sign."""
    assert sounds(prepared("-5 °C", language), language) != sounds(prepared("5 °C", language), language)
    decimal = sounds(prepared("21.5", language), language)
    assert decimal not in {sounds("21 5", language), sounds("215", language)}
    assert sounds(prepared("21.05", language), language) != decimal


@pytest.mark.parametrize("language", sorted(_COMPLETE - {"zh"}))
def test_answer_of_one_sentence_is_one_model_run(language: str) -> None:
    """espeak-ng does not end a sentence inside an answer with a value."""
    for intent, text in answers(language, -3.5, "°C", _WHEN):
        if intent in {"HassGetState", "HassClimateGetTemperature"}:
            assert len(runs(prepared(text, language), language)) == 1, text


@pytest.mark.parametrize("language", _ANSWERED)
def test_answer_about_a_value_or_a_time_is_one_sentence(language: str) -> None:
    """The splitter does not split an answer at a date, a time or a value."""
    for month, day, hour in ((1, 3, 0), (5, 31, 9), (10, 12, 18)):
        when = datetime.datetime(2026, month, day, hour, 45, tzinfo=datetime.UTC)
        for intent, text in answers(language, -3.5, "°C", when):
            if intent != "HassGetWeather":  # in French, the only answer with several sentences
                assert len(split(text, language)) == 1, text


@pytest.mark.parametrize("language", _LANGUAGES)
def test_date_and_time_are_in_one_sentence(language: str) -> None:
    """The splitter does not split dates in CLDR's formats, even with a time or with dots."""
    locale = Locale.of(language)
    for day, month in ((1, 1), (3, 6), (24, 12)):
        date = locale.date(day, month, 2026)
        texts = [f"{date}, 18:45", f"18:45 {date}", f"{day}.{month}.2026 18:45", f"2026-{month:02}-{day:02} 18:45"]
        if locale.data["date"] == "{d}. {m} {y}":
            texts += [f"{day}. {month}. 2026", f"{day}. {month}. 18:45", f"{day}. {locale.months[month - 1]} 18.45"]
        for text in texts:
            assert len(split(text, language)) == 1, text
