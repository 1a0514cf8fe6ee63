"""In languages without their own rules, ISO dates are read as dates, and the colon in a time is not read aloud."""

import pytest

from tests.text.preparation.core_rules import prepared
from wyoming_piper_serial.text.preparation.preparer import Preparer

_LANGUAGES = [*("cs", "da", "de", "en", "es", "fi", "fr", "it", "ja", "nl", "pl", "pt", "ru", "sv", "zh")]


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("el", "2024-03-05", "5 Μαρτίου 2024"),
        ("el", "Σήμερα 2024-03-05.", "Σήμερα 5 Μαρτίου 2024."),
        ("el", "2024-03-05T10:30:00", "5 Μαρτίου 2024 10:30"),
        ("el", "2024-03-05 10:30:15.123+02:00", "5 Μαρτίου 2024 10:30:15"),
        ("el", "2024-13-05", "2024-13-05"),
        ("el", "12024-03-05", "12024-03-05"),
        ("el", "10:30", "10:30"),
        ("uk", "о 10:30", "о 10 30"),
        ("sr", "10:30:15", "10 30 15"),
        ("uk", "2024-03-05T10:30", "5 березня 2024 року 10 30"),
        ("uk", "3:2:1", "3:2:1"),
        ("cs", "Dnes je 03.06.2025.", "Dnes je 3. června 2025."),
        ("cs", "3. 6. 2025", "3. června 2025"),
        ("uk", "03.06.2025", "3 червня 2025 року"),
        ("cs", "Dnes je 3. 6. v 14:05.", "Dnes je 3. června v 14:05."),
        ("sk", "Príde 24. 12.", "Príde 24. decembra."),
        ("cs", "dne 3.10.", "dne 3. října."),
        ("cs", "v pondělí 3.10. Praha", "v pondělí 3. října Praha"),
        ("da", "Vi ses fredag 3.10.", "Vi ses fredag 3. oktober."),
        ("is", "Frá 3.10.", "Frá 3. október."),
        ("sr", "до 3.10.", "до 3. октобар."),
        ("fi", "Tapaamme 03.10.", "Tapaamme 3. lokakuuta."),
        ("fi", "Tänään on 3.6. ja huomenna", "Tänään on 3. kesäkuuta ja huomenna"),
        ("cs", "29. 2. v 14, 31. 4. v 14", "29. února v 14, 31. 4. v 14"),
        ("uk", "3. 6. о 14", "3. 6. о 14"),
        ("cs", "3. 13. v 14", "3. 13. v 14"),
        ("sv", "Mötet är kl. 14.30 idag.", "Mötet är klockan 14 30 idag."),
        ("sv", "Kl. 8.05 och klockan 18:00", "Klockan 8 0 5 och klockan 18"),
        ("da", "Vi ses kl. 8.", "Vi ses klokken 8."),
        ("no", "kl 14.30, klokka 9.15", "klokken 14 30, klokka 9 15"),
        ("fi", "Kokous on klo 14.30.", "Kokous on kello 14 30."),
        ("is", "kl. 25.30", "kl. 25.30"),
        ("ca", "Avui és 03/10/2026.", "Avui és 3 d’octubre del 2026."),
        ("el", "Στις 3/10/2026 18:30", "Στις 3 Οκτωβρίου 2026 18:30"),
        ("sv", "13/14/2026, 3/10/26, 1/2/3/2026", "13/14/2026, 3/10/26, 1/2/3/2026"),
        ("hu", "Ma 2026/10/03 van.", "Ma 2026 október 3 van."),
        ("hu", "Ma 2026.10.03. van.", "Ma 2026 október 3. van."),
        ("hu", "2026. 10. 3.", "2026 október 3."),
        ("hu", "2026.10.03-án", "2026 október 3-án"),
        ("hu", "verzió 2026.10.03", "verzió 2026.10.03"),
        ("hu", "2026.10.3", "2026.10.3"),
        ("ko", "오늘은 2026.10.03입니다.", "오늘은 2026년 10월 3일입니다."),
        ("ja", "今日は2026/10/03です。", "今日は2026年10月3日です。"),
        ("ja", "今日は2026-10-03です。", "今日は2026年10月3日です。"),
        ("ko", "오늘은 2026-10-03입니다.", "오늘은 2026년 10월 3일입니다."),
        ("cs", "1.2.3.2025, 32.1.2025, 1.2.2199", "1.2.3.2025, 32.1.2025, 1.2.2199"),
    ],
)
def test_date_is_read(language: str, written: str, spoken: str) -> None:
    """A date is read in the format of the language, and its hyphens are not read as minus signs."""
    assert prepared(written, language) == spoken


@pytest.mark.parametrize("language", _LANGUAGES)
@pytest.mark.parametrize("written", ["2026-02-31", "2026-02-29", "31.04.2026", "31/04/2026", "2026/02/31"])
def test_impossible_day_is_no_date(language: str, written: str) -> None:
    """In all languages, a day that the month does not have is not read as a date, as a month after December."""
    assert Preparer(language).prepare(f"= {written}").text.endswith(written)


@pytest.mark.parametrize("language", _LANGUAGES)
def test_leap_day_is_a_date(language: str) -> None:
    """29 February is a date in a leap year."""
    assert "-" not in Preparer(language).prepare("= 2024-02-29").text


@pytest.mark.parametrize("language", ["cs", "da", "de", "et", "fi", "is", "no", "sk", "sl", "sr"])
@pytest.mark.parametrize("end", ["", ".", ". ", '."', ".)"])
def test_decimal_number_at_the_end_of_a_sentence_is_no_date(language: str, end: str) -> None:
    """Home Assistant's numbers have a decimal point in all languages. A day and a month are written in the same way,
    but are expected only after certain words."""
    for number in ("21.5", "3.10", "1.1", "9.12"):
        assert prepared(f"= {number}{end}", language).endswith(number.replace(".", ",") + end)
