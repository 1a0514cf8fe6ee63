"""Russian ordinals and Roman numerals are spoken as a person would say them."""

import pytest

from tests.text.preparation.tables import pairs
from tests.text.spoken import prepared

_ORDINALS = """
1-й раз
    первый раз
во 2-м классе
    во втором классе
с 3-го этажа
    с третьего этажа
5-я годовщина
    пятая годовщина
21-й день
    двадцать первый день
5-летний мальчик
    пятилетний мальчик
3-комнатная квартира
    трёхкомнатная квартира
"""
_ROMAN = """
XXI век
    двадцать первый век
в XIX в.
    в девятнадцатом веке.
в XX веке
    в двадцатом веке
XVIII–XIX вв.
    восемнадцатого – девятнадцатого веков
ХХ век
    двадцатый век
II мировая война
    вторая мировая война
после II мировой войны
    после второй мировой войны
Пётр I был царём.
    Пётр Первый был царём.
реформы Петра I
    реформы Петра Первого
Екатерина II правила.
    Екатерина Вторая правила.
указ Екатерины II
    указ Екатерины Второй
Людовик XIV
    Людовик Четырнадцатый
Глава II
    Глава 2
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_ORDINALS))
def test_ordinals(written: str, spoken: str) -> None:
    """Ordinals agree with the words around them."""
    assert prepared(written, "ru") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ROMAN))
def test_roman(written: str, spoken: str) -> None:
    """Roman numerals are read as numbers."""
    assert prepared(written, "ru") == spoken
