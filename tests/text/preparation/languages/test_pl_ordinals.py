"""Polish ordinals and Roman numerals are spoken as a person would say them."""

import pytest

from tests.text.preparation.tables import pairs
from tests.text.spoken import prepared

_ORDINALS = """
21. urodziny
    dwudzieste pierwsze urodziny
na 3. piętrze
    na trzecim piętrze
zajął 3. miejsce
    zajął trzecie miejsce
5. rocznica
    piąta rocznica
po raz 2.
5-minutowy spacer
    pięciominutowy spacer
na 22 minutowym minutniku
    na dwudziestodwuminutowym minutniku
2 osobowe auta
    2 osobowe auta
3-letni pies i 2-godzinna podróż
    trzyletni pies i dwugodzinna podróż
150-metrowy maszt, 250-metrowy maszt
    stupięćdziesięciometrowy maszt, 250-metrowy maszt
1-szy raz
    pierwszy raz
10-tej
    dziesiątej
w 3. rundzie
    w trzeciej rundzie
2. liga
    druga liga
w 5. kolejce
    w piątej kolejce
To 21. urodziny.
    To dwudzieste pierwsze urodziny.
"""
_ROMAN = """
XXI wiek
    dwudziesty pierwszy wiek
w XIX w.
    w dziewiętnastym wieku.
w XX wieku
    w dwudziestym wieku
II wojna światowa
    druga wojna światowa
po II wojnie światowej
    po drugiej wojnie światowej
Jan Paweł II był papieżem.
    Jan Paweł Drugi był papieżem.
pontyfikat Jana Pawła II
    pontyfikat Jana Pawła Drugiego
Elżbieta II zmarła.
    Elżbieta Druga zmarła.
Ludwik XIV panował długo.
    Ludwik Czternasty panował długo.
Tom II
    Tom 2
Podczas XIV zjazdu
    Podczas czternastego zjazdu
w II połowie XIX wieku
    w drugiej połowie dziewiętnastego wieku
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_ORDINALS))
def test_ordinals(written: str, spoken: str) -> None:
    """Ordinals agree with the words around them."""
    assert prepared(written, "pl") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ROMAN))
def test_roman(written: str, spoken: str) -> None:
    """Roman numerals are read as numbers."""
    assert prepared(written, "pl") == spoken
