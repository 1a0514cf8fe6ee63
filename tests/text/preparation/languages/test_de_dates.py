"""German dates, years and times are spoken as a person would say them."""

import pytest

from tests.text.preparation.tables import pairs
from tests.text.spoken import prepared

_DATES = """
Heute ist der 3.10.2024.
    Heute ist der dritte Oktober 2024.
Am 03.10.2024 ist frei.
    Am dritten Oktober 2024 ist frei.
Heute ist Donnerstag, der 3. Oktober 2024.
    Heute ist Donnerstag, der dritte Oktober 2024.
Die Wahl ist am Sonntag, dem 23. Februar 2025.
    Die Wahl ist am Sonntag, dem dreiundzwanzigsten Februar 2025.
Wir treffen uns am 3. Oktober.
    Wir treffen uns am dritten Oktober.
vom 3. bis 5. Oktober
    vom dritten bis fünften Oktober
Bis zum 31. Dezember 1999 galt das.
    Bis zum einunddreißigsten Dezember neunzehnhundertneunundneunzig galt das.
Der 1. Mai ist ein Feiertag.
    Der erste Mai ist ein Feiertag.
3. Oktober 2026
    dritter Oktober 2026
ab 1. Januar
    ab ersten Januar
Das Datum ist 2024-10-03.
    Das Datum ist der dritte Oktober 2024.
Am 2024-10-03 war es warm.
    Am dritten Oktober 2024 war es warm.
Zuletzt geändert: 2024-10-03T18:45:12+02:00
    Zuletzt geändert: dritter Oktober 2024, 18 Uhr 45
(am 3.10.)
    (am dritten Oktober)
Di., 3. Okt. 2024
    Dienstag, dritter Oktober 2024
Mo, 6. Jan.
    Montag, sechster Januar.
Im Oktober 1989 fiel die Mauer.
    Im Oktober neunzehnhundertneunundachtzig fiel die Mauer.
zwischen dem 24. und 26. Dezember
    zwischen dem vierundzwanzigsten und sechsundzwanzigsten Dezember
am 3. 10. 2024
    am dritten Oktober 2024
seit dem 5.5.
    seit dem fünften Mai.
am Mo., 6. Jan. ist frei
    am Montag, dem sechsten Januar ist frei
vom Freitag, 3. Oktober, an
    vom Freitag, dem dritten Oktober, an
Am 03/10/2026 ist frei.
    Am dritten Oktober 2026 ist frei.
vom 3.-5. Oktober, vom 3. – 5.10.2026
    vom dritten bis fünften Oktober, vom dritten bis fünften Oktober 2026
Sa. 9–13 Uhr, Mi 18:00 Uhr
    Samstag, 9 bis 13 Uhr, Mittwoch 18 Uhr
So 18 Uhr, Do 5 Mal
"""
_TIMES = """
Es ist 18:45 Uhr.
    Es ist 18 Uhr 45.
Es ist 7:05.
    Es ist 7 Uhr 5.
Um 1:15 Uhr
    Um ein Uhr 15
um 00:30 Uhr
    um 0 Uhr 30
um 9.30 Uhr
    um 9 Uhr 30
Es ist 1 Uhr.
    Es ist ein Uhr.
um 09 Uhr
    um 9 Uhr
Um 12:30:15 Uhr
    Um 12 Uhr 30 und 15 Sekunden
Geöffnet von 8:00-17:30 Uhr.
    Geöffnet von 8 Uhr bis 17 Uhr 30.
Der Timer läuft noch 1:30:00.
    Der Timer läuft noch eine Stunde 30 Minuten.
Noch 0:05:00.
    Noch 5 Minuten.
Timer von 2:00:01
    Timer von 2 Stunden einer Sekunde
Die Maschine ist um 18:45:00 fertig.
    Die Maschine ist um 18 Uhr 45 fertig.
Die Wäsche dauert 3h 20m.
    Die Wäsche dauert 3 Stunden 20 Minuten.
3 h 20 min
    3 Stunden 20 Minuten
1 Std. 5 Min.
    eine Stunde 5 Minuten.
Sie gewannen 3:2.
    Sie gewannen 3 zu 2.
Im Verhältnis 2:10 mischen.
    Im Verhältnis 2 zu 10 mischen.
Maßstab 1:100000
    Maßstab 1 zu 100000
Format 16:9
    Format 16 zu 9
Mo-Fr 8-17 Uhr
    Montag bis Freitag 8 bis 17 Uhr
noch 1:30 Std., Restzeit: 0:45 h, Dauer 2:05 Stunden
    noch eine Stunde 30 Minuten, Restzeit: 45 Minuten, Dauer 2 Stunden 5 Minuten
um 18:30 h
    um 18 Uhr 30
Noch 2:15 Min.
    Noch 2 Minuten 15 Sekunden.
In 01:15:00 ist sie fertig.
    In einer Stunde 15 Minuten ist sie fertig.
"""
_YEARS = """
Er wurde 1999 geboren.
    Er wurde neunzehnhundertneunundneunzig geboren.
Im Jahr 1848 war Revolution.
    Im Jahr achtzehnhundert 48 war Revolution.
Der Krieg von 1914–1918 endete.
    Der Krieg von neunzehnhundert 14 bis neunzehnhundertachtzehn endete.
Goethe (1749–1832) war Dichter.
    Goethe (siebzehnhundert 49 bis achtzehnhundertzweiunddreißig) war Dichter.
die 1990er Jahre
    die neunzehnhundertneunziger Jahre
Das war 1100.
    Das war elfhundert.
Das sind 1500 Euro.
1200 Einwohner
1500 m
    1500 Meter
Zimmer 1205
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_DATES))
def test_dates(written: str, spoken: str) -> None:
    """In dates, days are read as ordinals, months by name and years in words."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_TIMES))
def test_times(written: str, spoken: str) -> None:
    """Times of day, durations and ratios are read in words."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_YEARS))
def test_years(written: str, spoken: str) -> None:
    """Years are read in words, and other numbers remain digits."""
    assert prepared(written, "de") == spoken
