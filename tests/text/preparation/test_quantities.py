"""Numbers, signs and units are read in the words of each language."""

import pytest

from tests.text.preparation.core_rules import prepared


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        # numbers with signs
        ("de", "-5 °C", "minus 5 Grad Celsius"),
        ("de", "\u22125 °C", "minus 5 Grad Celsius"),
        ("de", "–5 °C", "minus 5 Grad Celsius"),
        ("de", "Es sind -5.", "Es sind minus 5."),
        ("de", "(-5)", "(minus 5)"),
        ("de", "+5 °C", "plus 5 Grad Celsius"),
        ("de", "±0,5 mm", "plus minus 0,5 Millimeter"),
        ("de", "10±2 %", "10 plus minus 2 Prozent"),
        ("de", "+/- 5 °C und +-5 °C", "plus minus 5 Grad Celsius und plus minus 5 Grad Celsius"),
        ("en", "10\u22123", "10 minus 3"),
        ("fr", "de -3,5 à -1 °C", "de moins 3,5 à moins 1 degré Celsius"),
        ("he", "ל--3.5", "ל-מינוס 3.5"),
        ("zh", "温度-5°C", "温度负5摄氏度"),
        ("de", "COVID-19", "COVID-19"),
        ("de", "F-16", "F-16"),
        ("de", "10-20", "10-20"),
        ("de", "10 –20", "10 –20"),
        ("de", "a-5", "a-5"),
        ("de", "so - 5 Leute", "so - 5 Leute"),
        ("de", "so – 5 Leute", "so – 5 Leute"),
        ("de", "7 − 5", "7 minus 5"),
        ("de", "− 5 °C", "minus 5 Grad Celsius"),
        ("uk", "5-10 %, 1.5-2.5 кг", "5–10 відсотків, 1 кома 5–2 кома 5 кілограма"),
        ("uk", "10-5 %, 5-10", "10-5 відсотків, 5-10"),
        ("en", "21 deg C", "21 degrees Celsius"),
        ("tr", "1 sa 5 dk", "1 saat 5 dakika"),
        ("fr", "12 Mo/s, 500 Go", "12 mégaoctets par seconde, 500 gigaoctets"),
        ("nl", "2 el olie, 1 tl zout", "2 eetlepels olie, 1 theelepel zout"),
        # decimals
        ("nl", "21.5 graden", "21,5 graden"),
        ("uk", "21.5", "21 кома 5"),
        ("sv", "21,5 grader", "21 komma 5 grader"),
        ("de", "1.5-2.5 kg", "1,5-2,5 Kilogramm"),
        ("de", "am 3.10. da", "am 3. Oktober da"),
        ("da", "kl. 10.30", "klokken 10 30"),
        ("de", "3.10.24", "3.10.24"),
        ("de", "10:30 und 10:30:00", "10:30 und 10:30:00"),
        # thousands
        ("de", "1.234.567 Leute", "1234567 Leute"),
        ("en", "1,234,567 people", "1234567 people"),
        ("fr", "1 234 567 habitants", "1234567 habitants"),
        ("hi", "12,34,567", "1234567"),
        ("de", "10 000 km", "10000 Kilometer"),
        ("en", "12 345", "12 345"),
        ("sv", "+46 8 123 45 67", "+46 8 123 45 67"),
        ("hu", "+36 1 123 4567", "+36 1 123 4567"),
        # units
        ("en", "It's 21°C.", "It's 21 degrees Celsius."),
        ("en", "1 km, 2 km, 1.0 km", "1 kilometer, 2 kilometers, 1.0 kilometers"),
        ("en", "250ml", "250 milliliters"),
        ("en", "5\u00a0km and 6\u202fkm", "5 kilometers and 6 kilometers"),
        ("en", "a 5-km run", "a 5 kilometer run"),
        ("en", "(5 km)", "(5 kilometers)"),
        ("en", "3 m³/h", "3 cubic meters per hour"),
        ("en", "12 µg/m³", "12 micrograms per cubic meter"),
        ("en", "95 Mbps and 8 Mbit/s", "95 megabits per second and 8 megabits per second"),
        ("en", "21,5 °C", "21.5 degrees Celsius"),
        ("en", "2024 300 km", "2024 300 kilometers"),
        ("en", "10-20 °C", "10-20 degrees Celsius"),
        ("en", "5 kmart", "5 kmart"),
        ("en", "5 m'", "5 meters'"),
        ("fr", "5 l'autre", "5 l'autre"),
        ("ru", "22 км/ч", "22 километра в час"),
        ("ru", "-3.5 °C", "минус 3,5 градуса Цельсия"),
        ("zh", "风速是30km/h。", "风速是30公里每小时。"),
        ("ko", "21.5°C입니다", "섭씨 21 점 5도입니다"),
        ("ar", "-3.5 °C", "ناقص 3.5 درجة مئوية"),
        # percent
        ("de", "45 % und 45%", "45 Prozent und 45 Prozent"),
        ("tr", "%45 ve 45%", "yüzde 45 ve yüzde 45"),
        ("tr", "-%3,5 ve %-3", "eksi yüzde 3,5 ve eksi yüzde 3"),
        ("zh", "45%", "百分之45"),
        ("en", "5‰", "5 permille"),
        # abbreviated words
        ("pl", "5 mln", "5 milionów"),
        ("pl", "Trwa 2 godz.", "Trwa 2 godziny."),
        ("pl", "(2 godz.)", "(2 godziny.)"),
        ("pl", "2 godz. temu", "2 godziny temu"),
        ("nl", "20 min. en 5 sec.", "20 minuten en 5 seconden."),
        ("de", "3 Mio Leute", "3 Millionen Leute"),
        ("de", "3 Mio. Leute", "3 Millionen Leute"),
        # text that is not a quantity
        ("en", "+49 30 1234567", "+49 30 1234567"),
        ("en", "PM2.5", "PM2.5"),
        ("fi", "$3.5B", "$3,5B"),
        ("en", "x5 km", "x5 km"),
        ("en", "5 Ma", "5 Ma"),
        ("en", "12 A bed", "12 A bed"),
        ("en", "+5 12", "+5 12"),
        ("en", "5 km/dB", "5 km/dB"),
        ("en", "+12345 is", "+12345 is"),
        ("en", "2024-3", "2024-3"),
        ("de", "-5-6", "-5-6"),
        ("en", "1.2.3", "1.2.3"),
    ],
)
def test_quantity_is_read_in_words(language: str, written: str, spoken: str) -> None:
    """Unambiguous numbers are rewritten. All other text is left to espeak-ng."""
    assert prepared(written, language) == spoken


@pytest.mark.parametrize("language", ["en", "de", "ru", "ar"])
def test_number_with_thousands_of_digits_keeps_its_unit(language: str) -> None:
    """A unit is read even after a number with more digits than Python converts (4300 by default)."""
    digits = "9" * 4900
    assert prepared(f"{digits} km", language).startswith(f"{digits} ")
    assert not prepared(f"{digits} km", language).endswith("km")


def test_long_row_of_groups_takes_linear_time() -> None:
    """Matching takes linear time even if a number may begin after each space. Quadratic time would take minutes."""
    text = f"7-{'001 ' * 10_000}-"
    assert prepared(text, "en") == text
