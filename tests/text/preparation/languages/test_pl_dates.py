"""Polish dates, years and times are spoken as a person would say them."""

import pytest

from tests.text.preparation.tables import pairs
from tests.text.spoken import prepared

_DATES = """
Dziś jest 3.10.2024.
    Dziś jest trzeci października dwa tysiące dwudziestego czwartego.
Dziś jest 3 października 2024 r.
    Dziś jest trzeci października dwa tysiące dwudziestego czwartego roku.
Dziś jest czwartek, 3 października 2024.
    Dziś jest czwartek, trzeci października dwa tysiące dwudziestego czwartego.
Urodził się 3 października 1999 r. w Krakowie.
    Urodził się trzeciego października tysiąc dziewięćset dziewięćdziesiątego dziewiątego roku w Krakowie.
3 października 2026
    trzeci października dwa tysiące dwudziestego szóstego
w czwartek, 3 października
    w czwartek, trzeciego października
Spotkanie dnia 03.10.2024.
    Spotkanie dnia trzeciego października dwa tysiące dwudziestego czwartego.
Data: 2024-10-03
    Data: trzeci października dwa tysiące dwudziestego czwartego
Zmieniono 2024-10-03T18:45:12+02:00
    Zmieniono trzeciego października dwa tysiące dwudziestego czwartego, osiemnasta czterdzieści pięć
od 3 do 5 maja
    od trzeciego do piątego maja
3-5 maja
    od trzeciego do piątego maja
do 31.12.2024 r.
    do trzydziestego pierwszego grudnia dwa tysiące dwudziestego czwartego roku.
przed 1 stycznia
    przed pierwszym stycznia
Święto 3-go maja
    Święto trzeciego maja
pt., 4 paź
    piątek, czwarty października
w 1999 r. było zimno
    w tysiąc dziewięćset dziewięćdziesiątym dziewiątym roku było zimno
W 1999 roku
    W tysiąc dziewięćset dziewięćdziesiątym dziewiątym roku
Od 2005 r. działa
    Od dwa tysiące piątego roku działa
rok 2024
    rok dwa tysiące dwudziesty czwarty
w roku 1989
    w roku tysiąc dziewięćset osiemdziesiątym dziewiątym
przed 1999 rokiem
    przed tysiąc dziewięćset dziewięćdziesiątym dziewiątym rokiem
październik 2024
    październik dwa tysiące dwudziesty czwarty
w październiku 2024
    w październiku dwa tysiące dwudziestego czwartego
w latach 90.
    w latach dziewięćdziesiątych.
lata 60. i 70.
    lata sześćdziesiąte i siedemdziesiąte.
Urodził się w 1999.
    Urodził się w tysiąc dziewięćset dziewięćdziesiątym dziewiątym.
Spotkanie jest 3.10.2024 o 7:05.
    Spotkanie jest trzeciego października dwa tysiące dwudziestego czwartego o siódmej zero pięć.
od pon. do pt., Od śr. do sob.
    od poniedziałku do piątku, Od środy do soboty.
5 i 6 maja, 5 i 6 osób
    piątego i szóstego maja, 5 i 6 osób
"""
_TIMES = """
w godz. 10:00–18:00
    w godzinach od dziesiątej do osiemnastej
Czynne godz. 10:00-18:00
    Czynne godziny od dziesiątej do osiemnastej
Jest 18:45.
    Jest osiemnasta czterdzieści pięć.
Jest 7:05.
    Jest siódma zero pięć.
Pociąg odjeżdża o 18:45.
    Pociąg odjeżdża o osiemnastej czterdzieści pięć.
o godz. 18
    o godzinie osiemnastej
godz. 18.30
    godzina osiemnasta trzydzieści
o 0:30
    o zero trzydzieści
od 8:00 do 16:00
    od ósmej do szesnastej
8:00–16:00
    od ósmej do szesnastej
przed 12:15
    przed dwunastą piętnaście
na 7:00
    na siódmą
Minutnik ustawiony na 1:30:00.
    Minutnik ustawiony na jedną godzinę trzydzieści minut.
Zostało 2:02:01.
    Zostało dwie godziny dwie minuty jedna sekunda.
o 18:45:00
    o osiemnastej czterdzieści pięć
Pranie trwa 3h 20m.
    Pranie trwa trzy godziny dwadzieścia minut.
2 godz. 22 min
    dwie godziny dwadzieścia dwie minuty
wygrali 3:2
    wygrali trzy do dwóch
skala 1:100
    skala jeden do stu
pn.-pt. 9:00-17:00
    poniedziałek – piątek od dziewiątej do siedemnastej
od 2h 15min, do 1h 1min
    od dwóch godzin piętnastu minut, do jednej godziny jednej minuty
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_DATES))
def test_dates(written: str, spoken: str) -> None:
    """In dates, days are read as ordinals, months by name and years in words."""
    assert prepared(written, "pl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_TIMES))
def test_times(written: str, spoken: str) -> None:
    """Times of day, durations and ratios are read in words."""
    assert prepared(written, "pl") == spoken
