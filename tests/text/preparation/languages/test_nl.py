"""Dutch text is spoken as a person would say it."""

import pytest

from tests.text.preparation.tables import lines, pairs
from tests.text.spoken import is_spoken_as, prepared

_DATES = """
Vandaag is het 3-10-2024.
    Vandaag is het 3 oktober 2024.
Vandaag is het 03/10/2024.
    Vandaag is het 3 oktober 2024.
Vandaag is het donderdag 3 oktober 2024.
Op 3 okt. 2024 was het warm.
    Op 3 oktober 2024 was het warm.
De datum is 2024-10-03.
    De datum is 3 oktober 2024.
Laatst bijgewerkt: 2024-10-03T18:45:12+02:00
    Laatst bijgewerkt: 3 oktober 2024, 18 uur 45
ma. 6 jan.
    maandag 6 januari.
di 7 jan
    dinsdag 7 januari
van 3-10-2024 tot 5-10-2024
    van 3 oktober 2024 tot 5 oktober 2024
de jaren '90
    de jaren 90
in de jaren 90
Hij werd geboren in 1999.
van 3 t/m 5 oktober, ma. t/m vr.
    van 3 tot en met 5 oktober, maandag tot en met vrijdag.
"""
_TIMES = """
De trein vertrekt om 18:45 uur.
    De trein vertrekt om 18 uur 45.
De trein vertrekt om 18:45.
    De trein vertrekt om 18 uur 45.
Het is 7:05.
    Het is 7 uur 5.
Het is 18.45 uur.
    Het is 18 uur 45.
om 09 uur
    om 9 uur
om 00:30 uur
    om 0 uur 30
De timer staat op 1:30:00.
    De timer staat op 1 uur 30 minuten.
Nog 0:05:00.
    Nog 5 minuten.
Timer van 2:00:01
    Timer van 2 uur 1 seconde
om 18:45:30 uur
    om 18 uur 45 en 30 seconden
Het duurt 3u20m.
    Het duurt 3 uur 20 minuten.
3 u 20 min
    3 uur 20 minuten
1 uur 1 min.
    1 uur 1 minuut.
van 8:00-17:30 uur
    van 8 uur tot 17 uur 30
in de verhouding 2:10
    in de verhouding 2 op 10
schaal 1:100
    schaal 1 op 100
ma-vr 9:00-17:00 uur
    maandag tot vrijdag 9 uur tot 17 uur
om 9u30, om 9h05
    om 9 uur 30, om 9 uur 5
"""
_RANGES = """
blz. 12-15
    bladzijde 12 tot 15
Het duurt 10-20 dagen.
    Het duurt 10 tot 20 dagen.
Het duurt 10–20 minuten.
    Het duurt 10 tot 20 minuten.
De oorlog van 1914–1918.
    De oorlog van 1914 tot 1918.
10 – 20 °C
    10 tot 20 graden Celsius
3,5%–4%
    3,5 procent tot 4 procent
10-3=7
    10 min 3 is gelijk aan 7
Ze wonnen met 3-2.
"""
_ORDINALS = """
De 1.000e bezoeker, de 1.250ste
    De duizendste bezoeker, de duizendtweehonderdvijftigste
De 3e keer
    De derde keer
de 1e, 2e en 8e etage
    de eerste, tweede en achtste etage
zijn 21ste verjaardag
    zijn eenentwintigste verjaardag
de 19e eeuw
    de negentiende eeuw
op de 2de verdieping
    op de tweede verdieping
de 100e bezoeker
    de honderdste bezoeker
"""
_ROMAN = """
Lodewijk XIV was koning.
    Lodewijk de Veertiende was koning.
Elizabeth II overleed.
    Elizabeth de Tweede overleed.
Willem I der Nederlanden
    Willem de Eerste der Nederlanden
Wereldoorlog II
    Wereldoorlog 2
de XIXe eeuw
    de negentiende eeuw
Hoofdstuk IV
    Hoofdstuk 4
Paus Johannes Paulus II.
    Paus Johannes Paulus de Tweede.
"""
_MONEY = """
Het saldo is € -12,50 of €-3,05.
    Het saldo is min 12 euro 50 of min 3 euro 5.
5 €-12,50 €
    5 euro tot 12 euro 50
€ 25,50 EUR
    25 euro 50
Het kost € 5,99.
    Het kost 5 euro 99.
Het kost €5,99.
    Het kost 5 euro 99.
Het kost 5,99 euro.
    Het kost 5 euro 99.
€ 5.99
    5 euro 99
€ 5,-
    5 euro
€ 0,50
    50 cent
-€ 5,99
    min 5 euro 99
€ 1.234,50
    1234 euro 50
$5.99
    5 dollar 99
£3,50
    3 pond 50
"""
_DIGITS = """
Je pincode is 0042.
    Je pincode is nul nul vier twee.
De code is 4711.
    De code is vier zeven één één.
Bel 020-1234567.
    Bel nul twee nul, één twee drie vier vijf zes zeven.
06 12345678
    nul zes, één twee drie vier vijf zes zeven acht
+31 20 1234567
    plus drie één, twee nul, één twee drie vier vijf zes zeven
Bel 112.
    Bel één één twee.
1012 AB Amsterdam
    10 12 A B Amsterdam
Vlucht KL1234 is te laat.
    Vlucht K L één twee drie vier is te laat.
"""
_FRACTIONS = """
1/2 kopje suiker
    een half kopje suiker
Voeg 1/2 liter melk toe.
    Voeg een halve liter melk toe.
Voeg 1/2 l melk toe.
    Voeg een halve liter melk toe.
¾ theelepel zout
    driekwart theelepel zout
1½ uur
    anderhalf uur
2½ liter
    tweeënhalve liter
2/3 van de mensen
    twee derde van de mensen
1/4 liter
    een kwart liter
3/4 kop
    driekwart kop
pagina 2/3
    pagina 2 van 3
¼ tl zout, ½ el olie
    een kwart theelepel zout, een halve eetlepel olie
"""
_SIGNS = """
x² + 2x = 0
    x kwadraat + 2x is gelijk aan 0
√16 = 4
    wortel 16 is gelijk aan 4
3 × 4 = 12
    3 keer 4 is gelijk aan 12
9x13
    9 keer 13
4x sneller
    4 keer sneller
3 < 5
    3 kleiner dan 5
~20 minuten
    ongeveer 20 minuten
§ 5
    paragraaf 5
nummer #5
    nummer nummer 5
Zout & peper
PM2.5 is hoog.
    PM 2,5 is hoog.
"""
_ABBREVIATIONS = """
Neem bijv. een appel.
    Neem bijvoorbeeld een appel.
Bijv. een appel
    Bijvoorbeeld een appel
appels, peren, enz.
    appels, peren, enzovoort.
d.w.z. morgen
    dat wil zeggen morgen
o.a. appels
    onder andere appels
m.b.t. de auto
    met betrekking tot de auto
dhr. Jansen en mevr. De Vries
    de heer Jansen en mevrouw De Vries
dr. Jansen
    doctor Jansen
ca. 20 min.
    circa 20 minuten.
20 min., dus
    20 minuten, dus
max. 5 personen
    maximaal 5 personen
nr. 5
    nummer 5
blz. 12
    bladzijde 12
Kerkstr. 5
    Kerkstraat 5
t/m vrijdag
    tot en met vrijdag
5 mln. euro
    5 miljoen euro
a.u.b.
    alstublieft.
St. Nicolaas
    Sint Nicolaas
44 v.Chr.
    44 voor Christus.
mr. Bakker
    meester Bakker
hfst. III
    hoofdstuk 3
"""
_HEARD = """
De trein vertrekt om 18:45 uur.
    De trein vertrekt om achttien uur 45.
Je pincode is 0042.
    Je pincode is nul nul vier twee.
Het duurt 10-20 dagen.
    Het duurt tien tot twintig dagen.
Voeg 1/2 l melk toe.
    Voeg een halve liter melk toe.
3 × 4 = 12
    drie keer vier is gelijk aan twaalf
"""
_ORDINARY = """
Ik woon op nummer 5.
We hebben 1200 gasten.
Plan B is beter.
Vitamine C is gezond.
Covid-19 is er nog.
Ze heeft 3 katten en 2 honden.
De A2 is dicht.
Nl is geen afkorting hier.
Dat is nu zo.
De min is klein.
Hij zei: ja.
De temperatuur is 21 graden.
Het licht in de woonkamer is aan.
Windows XP was goed.
De CIA en de FBI.
Om acht uur.
Zo gaat het al 3 dagen.
Ma gaat naar huis.
Het is vréselijk.
De code is goed.
Do re mi fa sol.
Zo 3 dagen later kwam hij.
3 van de 5 lampen zijn aan.
Maat M past.
De boeing 747-400 vliegt.
Dat is Max.
Ga naar voorbeeld.nl.
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_DATES))
def test_dates(written: str, spoken: str) -> None:
    """Dates are read with the full names of months and weekdays."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_TIMES))
def test_times(written: str, spoken: str) -> None:
    """Times of day, durations and ratios are read in words."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_RANGES))
def test_ranges(written: str, spoken: str) -> None:
    """A dash between numbers is read as a word."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ORDINALS))
def test_ordinals(written: str, spoken: str) -> None:
    """Ordinals agree with the words around them."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ROMAN))
def test_roman(written: str, spoken: str) -> None:
    """Roman numerals are read as numbers."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_MONEY))
def test_money(written: str, spoken: str) -> None:
    """Prices are read with the names of the currency and its subunit."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_DIGITS))
def test_digits(written: str, spoken: str) -> None:
    """Codes and telephone numbers are read digit by digit."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_FRACTIONS))
def test_fractions(written: str, spoken: str) -> None:
    """Fractions are read in words that agree with the noun."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_SIGNS))
def test_signs(written: str, spoken: str) -> None:
    """Signs between numbers and letters are read as words."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ABBREVIATIONS))
def test_abbreviations(written: str, spoken: str) -> None:
    """Abbreviations are expanded."""
    assert prepared(written, "nl") == spoken


@pytest.mark.parametrize(("written", "words"), pairs(_HEARD))
def test_digits_that_remain_sound_like_words(written: str, words: str) -> None:
    """espeak-ng pronounces the prepared text like the expected words."""
    assert is_spoken_as(written, words, "nl")


@pytest.mark.parametrize("text", lines(_ORDINARY))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """Text that only resembles a date, an abbreviation or a numeral is not changed."""
    assert prepared(text, "nl") == text


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_spaces_of_all_kinds_are_read_alike(space: str) -> None:
    """No-break, narrow no-break and thin spaces are treated like plain spaces."""
    for written, spoken in pairs(_MONEY + _FRACTIONS):
        assert prepared(written.replace(" ", space), "nl").replace(space, " ") == spoken
