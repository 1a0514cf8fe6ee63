"""German text is spoken as a person would say it."""

import pytest

from tests.text.preparation.tables import lines, pairs
from tests.text.spoken import is_spoken_as, prepared

_RANGES = """
S. 12-15
    Seite 12 bis 15
zw. 5 und 10 kg
    zwischen 5 und 10 Kilogramm
Es dauert 10-20 Tage.
    Es dauert 10 bis 20 Tage.
Es dauert 10–20 Minuten.
    Es dauert 10 bis 20 Minuten.
von 10 – 20 °C
    von 10 bis 20 Grad Celsius
3,5 %–4 %
    3,5 Prozent bis 4 Prozent
Seiten 12–15
    Seiten 12 bis 15
10-3=7
    10 minus 3 gleich 7
10 - 3 = 7
    10 minus 3 gleich 7
-5–3 °C, -5-3 %
    minus 5 bis 3 Grad Celsius, minus 5 bis 3 Prozent
-10 – -5 °C, +5–+7 °C
    minus 10 bis minus 5 Grad Celsius, plus 5 bis plus 7 Grad Celsius
10 -5 °C
    10 minus 5 Grad Celsius
"""
_ORDINALS = """
Das ist der 21. Geburtstag.
    Das ist der einundzwanzigste Geburtstag.
Zum 21. Geburtstag alles Gute.
    Zum einundzwanzigsten Geburtstag alles Gute.
Mein 21. Geburtstag war schön.
    Mein einundzwanzigster Geburtstag war schön.
Sie wohnt in der 3. Etage.
    Sie wohnt in der dritten Etage.
die 2. Klasse
    die zweite Klasse
im 19. Jahrhundert
    im neunzehnten Jahrhundert
Das 100. Tor
    Das hundertste Tor
1. Platz für uns
    erster Platz für uns
2. Bundesliga
    zweite Bundesliga
Heute ist der 3.
    Heute ist der dritte.
Sie kommen am 3., nicht am 4.
    Sie kommen am dritten, nicht am vierten.
die 2. und 3. Runde
    die zweite und dritte Runde
in 2. Auflage
    in zweiter Auflage
ein 3. Versuch
    ein dritter Versuch
Ich wohne in Zimmer 5. Das ist schön.
Er kam als 1., 2. und 3. an.
    Er kam als erster, zweiter und dritter an.
das 1., 2. und 3. Kapitel
    das erste, zweite und dritte Kapitel
20. und 21. Jahrhundert
    zwanzigstes und einundzwanzigstes Jahrhundert
"""
_ROMAN = """
Ludwig XIV. war König.
    Ludwig der Vierzehnte war König.
Das Schloss Ludwigs XIV. ist groß.
    Das Schloss Ludwigs des Vierzehnten ist groß.
unter Kaiser Wilhelm II. begann es
    unter Kaiser Wilhelm dem Zweiten begann es
Elisabeth II. starb 2022.
    Elisabeth die Zweite starb 2022.
Der II. Weltkrieg
    Der zweite Weltkrieg
im II. Weltkrieg
    im zweiten Weltkrieg
Teil II und Kapitel IV
    Teil 2 und Kapitel 4
Papst Johannes Paul II.
    Papst Johannes Paul der Zweite.
Peter I. Schmidt
Heinrich der VIII. starb, das Haus Ludwigs des XIV.
    Heinrich der Achte starb, das Haus Ludwigs des Vierzehnten.
Heinrich der CIV.
Bd. II
    Band 2
"""
_MONEY = """
Das kostet 5,99 €.
    Das kostet 5 Euro 99.
5,99€ im Angebot
    5 Euro 99 im Angebot
€ 5,99
    5 Euro 99
EUR 5,99
    5 Euro 99
5.99 €
    5 Euro 99
-5,99 €
    minus 5 Euro 99
−0,99 €
    minus 99 Cent
1,01 €
    ein Euro 1
1,00 €
    ein Euro
1.234,56 €
    1234 Euro 56
1 234,50 Euro
    1234 Euro 50
5,- €
    5 Euro
5,– €
    5 Euro
$3.50
    3 Dollar 50
£3,50
    3 Pfund 50
CHF 5.90
    5 Franken 90
"""
_DIGITS = """
Deine PIN ist 0042.
    Deine PIN ist null null vier zwei.
Der Code lautet 4711.
    Der Code lautet vier sieben eins eins.
Ruf 030 1234567 an.
    Ruf null drei null, eins zwei drei vier fünf sechs sieben an.
(0171) 1234567
    null eins sieben eins, eins zwei drei vier fünf sechs sieben
+49 30 1234567
    plus vier neun, drei null, eins zwei drei vier fünf sechs sieben
PLZ 10115
    PLZ eins null eins eins fünf
Wähle 112.
    Wähle eins eins zwei.
Agent 007
    Agent null null sieben
Flug LH2490 ist da.
    Flug L H zwei vier neun null ist da.
Rufen Sie die 112. Bitte 110 wählen.
    Rufen Sie die eins eins zwei. Bitte eins eins null wählen.
die 112 Seiten
"""
_FRACTIONS = """
1/2 Tasse Wasser
    eine halbe Tasse Wasser
Nimm 1/2 Tasse Wasser.
    Nimm eine halbe Tasse Wasser.
Nimm 1/2 Liter Milch.
    Nimm einen halben Liter Milch.
Gib ¾ TL Salz dazu.
    Gib 3 Viertel Teelöffel Salz dazu.
Gib 3/4 Teelöffel dazu.
    Gib 3 Viertel Teelöffel dazu.
1½ Stunden
    eineinhalb Stunden
2 1/2 Tassen
    zweieinhalb Tassen
2/3 der Leute
    2 Drittel der Leute
1/4 Liter
    ein Viertel Liter
Seite 2/3
    Seite 2 von 3
Track 3/12
    Track 3 von 12
"""
_SIGNS = """
x² + 2x = 0
    x Quadrat + 2x gleich 0
√16 = 4
    Wurzel aus 16 gleich 4
    Wurzel aus 16 gleich 4
3 × 4 = 12
    3 mal 4 gleich 12
9x13
    9 mal 13
4x schneller
    4 mal schneller
3 < 5 und 7 > 2
    3 kleiner als 5 und 7 größer als 2
~20 Minuten
    ungefähr 20 Minuten
§ 5 und §§ 3
    Paragraf 5 und Paragrafen 3
Du bist #5.
    Du bist Nummer 5.
Salz & Pfeffer
PM2.5 ist hoch.
    PM 2,5 ist hoch.
3 x täglich, 3 x y
    3 mal täglich, 3 x y
"""
_ABBREVIATIONS = """
20 € mtl., 240 € jährl.
    20 Euro monatlich, 240 Euro jährlich.
Dr. Müller wohnt z.B. in der Hauptstr. 5.
    Doktor Müller wohnt zum Beispiel in der Hauptstraße 5.
Obst, z. B. Äpfel
    Obst, zum Beispiel Äpfel
Z. B. Äpfel
    Zum Beispiel Äpfel
d. h. morgen
    das heißt morgen
u. a. Äpfel usw.
    unter anderem Äpfel und so weiter.
Äpfel, Birnen etc.
    Äpfel, Birnen et zetera.
Prof. Dr. Müller
    Professor Doktor Müller
ca. 20 Min.
    zirka 20 Minuten.
Nr. 5
    Nummer 5
Berliner Str. 12
    Berliner Straße 12
bzw. inkl. MwSt.
    beziehungsweise inklusive Mehrwertsteuer.
1 Mio. €, 2,5 Mrd. €, 3 Tsd. €
    eine Million Euro, 2,5 Milliarden Euro, 3 Tausend Euro
€ 1 Mrd., 1 Tsd. €, 1 M€
    eine Milliarde Euro, ein Tausend Euro, eine Million Euro
Für 1 Mio. €/Jahr.
    Für eine Million Euro pro Jahr.
-1 Million EUR
    minus eine Million Euro
1 Mio. Menschen
    eine Million Menschen
5 Mio. Menschen
    5 Millionen Menschen
2,5 Mrd. Euro
    2,5 Milliarden Euro
S. 12 und Abb. 3
    Seite 12 und Abbildung 3
St. Georgen
    Sankt Georgen
Fr. Müller
    Frau Müller
im 3. Jh. v. Chr.
    im dritten Jahrhundert vor Christus.
1 Stunde und 1 Minute
    eine Stunde und eine Minute
Äpfel u. Birnen u. a. hier
    Äpfel und Birnen unter anderem hier
"""
_COUNTS = """
1 h
    eine Stunde
1 kWh
    eine Kilowattstunde
-1 °C
    minus ein Grad Celsius
1 Grad
    ein Grad
-1 Grad
    minus ein Grad
1 pausierter Timer
    ein pausierter Timer
1 €
    ein Euro
1 Std.
    eine Stunde.
"""
_HEARD = """
Es ist 18:45 Uhr.
    Es ist achtzehn Uhr 45.
Ruf 030 1234567 an.
    Ruf null drei null eins zwei drei vier fünf sechs sieben an.
Sie gewannen 3:2.
    Sie gewannen drei zu zwei.
Es dauert 10-20 Tage.
    Es dauert zehn bis zwanzig Tage.
Der Timer läuft noch 1:30:00.
    Der Timer läuft noch eine Stunde dreißig Minuten.
Er wurde 1999 geboren.
    Er wurde neunzehnhundertneunundneunzig geboren.
3 × 4 = 12
    drei mal vier gleich zwölf
"""
_ORDINARY = """
Ich wohne in Zimmer 5. Das ist schön.
Er kam als 3. Er war müde.
Das Auto kostet 1500 Euro.
Wir haben 1200 Gäste.
Die Datei heißt bericht-2024.pdf.
Der A380 fliegt nach New York.
Wir nehmen die A7 bis Ausfahrt 12.
Das ist Plan B.
Vitamin C ist gesund.
Der Kanal X wird umgebaut.
Er hat eine Eins in Mathe.
Covid-19 ist noch da.
Der F-16 ist ein Flugzeug.
Sie hat 3 Katzen und 2 Hunde.
Der Mais ist reif.
Mit dem Do it yourself geht es gut.
So, 3 Tage sind genug.
Er sagte: Ja.
Das ist in Ordnung.
Die Art des Hauses gefällt mir.
Die Min war klein.
Ich habe 20 Minuten Zeit.
Ruf mich an.
Er ist 1,80 Meter groß.
IV ist keine Zahl hier.
Die CIA und das FBI.
Windows XP war gut.
Die Nummer eins.
Um acht Uhr.
Das Modell 747-400 fliegt.
Ein Drittel der Leute.
Das Licht im Wohnzimmer ist an.
Die Temperatur beträgt 21 Grad.
Es regnet in Strömen.
Schlecht/gut ist die Frage.
Er trägt Größe M.
Der Code ist gut.
3 von 5 Lampen sind an.
Schalte alle Lichter aus.
Siehst du die Str nicht?
Das Programm C++ ist alt.
Sie fliegt mit Boeing 747-400.
Das ist Max.
Das Essen ist Bio.
Wir waren am Kap.
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_RANGES))
def test_ranges(written: str, spoken: str) -> None:
    """A dash between numbers is read as a word."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ORDINALS))
def test_ordinals(written: str, spoken: str) -> None:
    """Ordinals agree with the words around them."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ROMAN))
def test_roman(written: str, spoken: str) -> None:
    """Roman numerals are read as numbers."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_MONEY))
def test_money(written: str, spoken: str) -> None:
    """Prices are read with the names of the currency and its subunit."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_DIGITS))
def test_digits(written: str, spoken: str) -> None:
    """Codes and telephone numbers are read digit by digit."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_FRACTIONS))
def test_fractions(written: str, spoken: str) -> None:
    """Fractions are read in words that agree with the noun."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_SIGNS))
def test_signs(written: str, spoken: str) -> None:
    """Signs between numbers and letters are read as words."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ABBREVIATIONS))
def test_abbreviations(written: str, spoken: str) -> None:
    """Abbreviations are expanded."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_COUNTS))
def test_counts(written: str, spoken: str) -> None:
    """The numerals 1 and 2 agree with the noun."""
    assert prepared(written, "de") == spoken


@pytest.mark.parametrize(("written", "words"), pairs(_HEARD))
def test_digits_that_remain_sound_like_words(written: str, words: str) -> None:
    """espeak-ng pronounces the prepared text like the expected words."""
    assert is_spoken_as(written, words, "de")


@pytest.mark.parametrize("text", lines(_ORDINARY))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """Text that only resembles a date, an abbreviation or a numeral is not changed."""
    assert prepared(text, "de") == text


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_spaces_of_all_kinds_are_read_alike(space: str) -> None:
    """No-break, narrow no-break and thin spaces are treated like plain spaces."""
    for written, spoken in pairs(_MONEY + _FRACTIONS):
        assert prepared(written.replace(" ", space), "de").replace(space, " ") == spoken
