"""Hours and minutes before a word for hours are a time, and units of time one after another are a duration."""

import pytest

from tests.text.preparation.core_rules import prepared
from wyoming_piper_serial.text.preparation.preparer import Preparer


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("cs", "V 18.30 hod.", "V 18 hodin 30 minut."),
        ("cs", "V 18:05 hod. přijdu.", "V 18 hodin 5 minut přijdu."),
        ("cs", "v 18.00 hodin", "v 18 hodin"),
        ("cs", "od 8.00 do 16.30 hod.", "od 8 hodin do 16 hodin 30 minut."),
        ("cs", "8:00–16:00 hod", "8 hodin až 16 hodin"),
        ("sk", "o 18.30 hod. prídem", "o 18 hodín 30 minút prídem"),
        ("sk", "8.00 - 16.00 hod.", "8 hodín až 16 hodín."),
        ("bg", "в 18.30 ч.", "в 18 часа и 30 минути."),
        ("bg", "от 8.00 до 16.30 часа", "от 8 часа до 16 часа и 30 минути"),
        ("sr", "у 18.30 часова", "у 18 сати и 30 минута"),
        ("cs", "1.5 hod", "1,5 hodiny"),
        ("cs", "1.50 h", "1,50 hodiny"),
        ("cs", "26.30 hod.", "26,30 hodiny."),
        ("cs", "1.18.30 hod", "1.18.30 hodin"),
        ("cs", "18.30 hodinek", "18,30 hodinek"),
    ],
)
def test_time_before_the_word_for_hours_is_read(language: str, written: str, spoken: str) -> None:
    """The dot in a time is not the decimal sign. Full hours have no minutes."""
    assert prepared(written, language) == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("sv", "2h 30m", "2 timmar 30 minuter"),
        ("sv", "1h30m", "1 timme 30 minuter"),
        ("cs", "2 h 30 m", "2 hodiny 30 minut"),
        ("fi", "2h 30m 15s", "2 tuntia 30 minuuttia 15 sekuntia"),
        ("fi", "5m 30s", "5 minuuttia 30 sekuntia"),
        ("da", "2t 30m", "2 timer 30 minutter"),
        ("da", "Om 2 t. 30 min.", "Om 2 timer 30 minutter."),
        ("no", "1 t 5 min igjen", "1 time 5 minutter igjen"),
        ("uk", "2 год 30 хв", "2 години 30 хвилин"),
        ("ja", "2h 30m", "2 時間30 分"),
        ("da", "5 t", "5 tons"),
        ("da", "Det tager 2 t. at køre.", "Det tager 2 timer at køre."),
        ("no", "Det tar 1 t. å kjøre 2 t.", "Det tar 1 time å kjøre 2 tonn."),
        ("sv", "2h 75m", "2 timmar 75 meter"),
        ("sv", "1:05 min, 0:45 min.", "1 minut 5 sekunder, 45 sekunder."),
        ("cs", "5:00 min, 0:00 min", "5 minut, 0 sekund"),
        ("sv", "1:05, 16:9 min", "1:05, 16:9 min"),
        ("sv", "5 m 3 s, 100m 10s", "5 meter 3 sekunder, 100 meter 10 sekunder"),
        ("sv", "5 m 30 cm", "5 meter 30 centimeter"),
    ],
)
def test_duration_is_read(language: str, written: str, spoken: str) -> None:
    """Beside hours, `m` means minutes, and in Danish and Norwegian, `t` means hours. Alone, they are other units."""
    assert prepared(written, language) == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "1:05 min", "eine Minute 5 Sekunden"),
        ("en", "It is 1:05 min.", "It is 1 minute and 5 seconds."),
        ("en", "0:45 min", "45 seconds"),
        ("en", "0:00 min", "0 minutes"),
        ("es", "2:21 minutos", "dos minutos y veintiún segundos"),
        ("fr", "0:45 min", "quarante-cinq secondes"),
        ("it", "1:05 min", "un minuto e cinque secondi"),
        ("nl", "1:05 min", "1 minuut 5 seconden"),
        ("pl", "na 1:05 min", "na jedną minutę pięć sekund"),
        ("pt", "2:05 minutos", "dois minutos e cinco segundos"),
        ("ru", "через 1:05 мин", "через одну минуту пять секунд"),
    ],
)
def test_minutes_and_seconds_are_read(language: str, written: str, spoken: str) -> None:
    """Before a word for minutes, two numbers with a colon are minutes and seconds, not a time of day."""
    assert Preparer(language).prepare(written).text == spoken


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "zh"])
@pytest.mark.parametrize("written", ["0:45", "00:45", "0:45:00"])
def test_time_after_midnight_is_read(language: str, written: str) -> None:
    """In the languages with their own rules, an hour of 0 is read, and the colon is not."""
    assert ":" not in Preparer(language).prepare(f"= {written}").text
