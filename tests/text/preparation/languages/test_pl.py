"""Polish text is spoken as a person would say it."""

import pytest

from tests.text.preparation.tables import lines, pairs
from tests.text.spoken import is_spoken_as, prepared

_RANGES = """
Zajmie to 10-20 dni.
    Zajmie to od dziesięciu do dwudziestu dni.
za 10-20 minut
    za dziesięć do dwudziestu minut
3-4 osoby
    trzy, cztery osoby
10–20 °C
    od dziesięciu do dwudziestu stopni Celsjusza
3,5%–4%
    3,5 procent do czterech procent
2-3 min
    dwie, trzy minuty
za 5-10 min.
    za pięć do dziesięciu minut.
wojna 1914–1918
    wojna 1914 do 1918
10-3=7
    10 minus 3 równa się 7
10 - 3 = 7
    10 minus 3 równa się 7
strony 12–15
    strony od dwunastej do piętnastej
s. 12-15
    strony od dwunastej do piętnastej
na s. 5–7
    na stronach od piątej do siódmej
Strona 2-3, str. 100-121
    Strony od drugiej do trzeciej, strony od setnej do sto dwudziestej pierwszej
"""
_MONEY = """
To kosztuje 5,99 zł.
    To kosztuje pięć złotych dziewięćdziesiąt dziewięć groszy.
22,02 zł
    dwadzieścia dwa złote dwa grosze
1,01 zł
    jeden złoty jeden grosz
0,99 zł
    dziewięćdziesiąt dziewięć groszy
-5,99 zł
    minus pięć złotych dziewięćdziesiąt dziewięć groszy
1 234,50 zł
    tysiąc dwieście trzydzieści cztery złote pięćdziesiąt groszy
5.99 zł
    pięć złotych dziewięćdziesiąt dziewięć groszy
5,99 € i $3.50
    pięć euro dziewięćdziesiąt dziewięć centów i trzy dolary pięćdziesiąt centów
5 mln zł
    5 milionów złotych
1,5 mln zł
    1,5 miliona złotych
150 zł
    150 złotych
0,75 zł/kWh
    siedemdziesiąt pięć groszy za kilowatogodzinę
5 zł/mies.
    5 złotych na miesiąc.
"""
_DIGITS = """
PIN to 0042.
    PIN to zero zero cztery dwa.
Kod to 4711.
    Kod to cztery siedem jeden jeden.
tel. 22 123 45 67
    telefon dwa dwa, jeden dwa trzy, cztery pięć, sześć siedem
+48 22 123 45 67
    plus cztery osiem, dwa dwa, jeden dwa trzy, cztery pięć, sześć siedem
00-950 Warszawa
    zero zero, dziewięć pięć zero Warszawa
Zadzwoń pod 112.
    Zadzwoń pod jeden jeden dwa.
Lot LO123 jest opóźniony.
    Lot L O jeden dwa trzy jest opóźniony.
"""
_FRACTIONS = """
1/2 szklanki cukru
    pół szklanki cukru
Dodaj 1/2 l mleka.
    Dodaj pół litra mleka.
3/4 litra
    trzy czwarte litra
¼ łyżeczki soli
    jedna czwarta łyżeczki soli
1½ godziny
    półtorej godziny
1½ litra
    półtora litra
2 1/2 litra
    dwa i pół litra
2/3 osób
    dwie trzecie osób
strona 2/3
    strona dwa z trzech
"""
_SIGNS = """
x² + 2x = 0
    x do kwadratu + 2x równa się 0
√16 = 4
    pierwiastek z 16 równa się 4
3 × 4 = 12
    3 razy 4 równa się 12
9x13
    9 razy 13
4x szybciej
    4 razy szybciej
3 < 5
    3 mniejsze niż 5
~20 minut
    około dwudziestu minut
Sól & pieprz
    Sól i pieprz
PM2.5 jest wysoki.
    PM 2,5 jest wysoki.
"""
_ABBREVIATIONS = """
Zob. str. 12, por. tab. 3
    Zobacz stronę 12, porównaj tabelę 3
zobacz s. 5
    zobacz stronę 5
Weź np. jabłko.
    Weź na przykład jabłko.
Np. jabłko
    Na przykład jabłko
jabłka, gruszki itd.
    jabłka, gruszki i tak dalej.
itp. rzeczy
    i tym podobne rzeczy
m.in. jabłka
    między innymi jabłka
tzn. jutro
    to znaczy jutro
tzw. efekt
    tak zwany efekt
przy ul. Długiej 5
    przy ulicy Długiej 5
ul. Długa 5
    ulica Długa 5
al. Jana Pawła II
    aleja Jana Pawła Drugiego
dr Kowalski i prof. Nowak
    doktor Kowalski i profesor Nowak
dr. Kowalskiego
    doktora Kowalskiego
św. Jan i św. Anna
    święty Jan i święta Anna
s. 12
    strona 12
na str. 12
    na stronie 12
ok. 20 min
    około dwudziestu minut
nr 5
    numer 5
5 tys. osób
    5 tysięcy osób
2 godz.
    dwie godziny.
p.n.e.
    przed naszą erą.
"""
_COUNTS = """
2 minuty
    dwie minuty
22 godziny
    dwadzieścia dwie godziny
12 minut
1 minuta
    jedna minuta
na 1 minutę
    na jedną minutę
2 lampy
    dwie lampy
2 koty
2-3 minuty
    dwie, trzy minuty
2 h
    dwie godziny
1 min
    jedna minuta
-2 h
    minus dwie godziny
za 1 min, przez 1 h, na 1 min
    za jedną minutę, przez jedną godzinę, na jedną minutę
"""
_HEARD = """
Jest 18:45.
    Jest osiemnasta czterdzieści pięć.
Jest 7:05.
    Jest siódma zero pięć.
2 h
    dwie godziny
1 234,50 zł
    tysiąc dwieście trzydzieści cztery złote pięćdziesiąt groszy
3-4 osoby
    trzy cztery osoby
10 - 3 = 7
    dziesięć minus trzy równa się siedem
"""
_ORDINARY = """
Mam 5 kotów.
Plan B jest lepszy.
Witamina C jest zdrowa.
Covid-19 wciąż jest.
Autostrada A2 jest zamknięta.
Windows XP był dobry.
CIA i FBI.
Temperatura wynosi 21 stopni.
Światło w salonie jest włączone.
O ósmej rano.
To jest kod.
Rozmiar M pasuje.
Liczba pi.
W pokoju są 3 osoby.
I tak to jest.
Włącz wszystkie światła.
Boeing 747-400 leci.
Ul jest pełen pszczół.
Al Pacino gra.
Mam 12 lat.
3 z 5 lamp są włączone.
Numer jeden.
On i ona.
Pomogłem im.
Wszystko jest ok.
To jest Maks.
Dom ma adres 5a.
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_RANGES))
def test_ranges(written: str, spoken: str) -> None:
    """A dash between numbers is read as a word."""
    assert prepared(written, "pl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_MONEY))
def test_money(written: str, spoken: str) -> None:
    """Prices are read with the names of the currency and its subunit."""
    assert prepared(written, "pl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_DIGITS))
def test_digits(written: str, spoken: str) -> None:
    """Codes and telephone numbers are read digit by digit."""
    assert prepared(written, "pl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_FRACTIONS))
def test_fractions(written: str, spoken: str) -> None:
    """Fractions are read in words that agree with the noun."""
    assert prepared(written, "pl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_SIGNS))
def test_signs(written: str, spoken: str) -> None:
    """Symbols between numbers or between letters are read as words."""
    assert prepared(written, "pl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ABBREVIATIONS))
def test_abbreviations(written: str, spoken: str) -> None:
    """Abbreviations are expanded."""
    assert prepared(written, "pl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_COUNTS))
def test_counts(written: str, spoken: str) -> None:
    """The numerals 1 and 2 agree with the noun."""
    assert prepared(written, "pl") == spoken


@pytest.mark.parametrize(("written", "words"), pairs(_HEARD))
def test_digits_that_remain_sound_like_words(written: str, words: str) -> None:
    """espeak-ng pronounces the prepared text like the expected words."""
    assert is_spoken_as(written, words, "pl")


@pytest.mark.parametrize("text", lines(_ORDINARY))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """Text that only resembles a date, an abbreviation or a numeral is not changed."""
    assert prepared(text, "pl") == text


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_spaces_of_all_kinds_are_read_alike(space: str) -> None:
    """No-break, narrow no-break and thin spaces are treated like plain spaces."""
    for written, spoken in pairs(_MONEY + _FRACTIONS):
        assert prepared(written.replace(" ", space), "pl").replace(space, " ") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("do 5 km", "do pięciu kilometrów"),
        ("zamiast 3", "zamiast trzech"),
        ("około 1 godziny", "około jednej godziny"),
        ("do 3 km/h", "do trzech kilometrów na godzinę"),
        ("do 1 km", "do jednego kilometra"),
        ("do 150 zł", "do stu pięćdziesięciu złotych"),
        ("od 2024", "od 2024"),
        ("od -5 do -3 °C", "od minus pięciu do minus trzech stopni Celsjusza"),
    ],
)
def test_number_behind_a_preposition_is_in_the_genitive(written: str, spoken: str) -> None:
    """After a preposition, a number and the name of its unit are in the case that the preposition requires. Years have
    their own rules.
    """
    assert prepared(written, "pl") == spoken
