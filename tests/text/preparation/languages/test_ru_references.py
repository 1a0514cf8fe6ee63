"""Russian abbreviations before a number have the case that the words before them require."""

import pytest

from wyoming_piper_serial.text.preparation.languages.ru_references import part_rules, reference_rules
from wyoming_piper_serial.text.preparation.passage import Passage, Rules


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Гл. IV и гл. 5", "Глава IV и глава 5"),
        ("п. 2 ст. 5", "пункт 2 статьи 5"),
        ("ст. 5 п. 2", "статья 5 пункт 2"),
        ("абз. 2 ч. 1 ст. 10", "абзац 2 части 1 статьи 10"),
        ("ст. 5 ч. 2", "статья 5 часть 2"),
        ("подп. 1 п. 3", "подпункт 1 пункта 3"),
        ("по ст. 5, в гл. 2, из рис. 3", "по статье 5, в главе 2, из рисунка 3"),
        ("Ср. табл. 2, ср. также гл. 5", "Сравни таблицу 2, сравни также главу 5"),
        ("ср. с рис. 3", "сравни с рисунком 3"),
        ("см. стр. 5, см. п. 2", "см. страницу 5, см. пункт 2"),
        ("эт. 3, оф. 12", "этаж 3, офис 12"),
        ("в 5 ч. утра", "в 5 ч. утра"),
        ("в ср. 5 мая", "в ср. 5 мая"),
    ],
)
def test_references(written: str, spoken: str) -> None:
    """A larger part of a law after a smaller one is in the genitive. `ч.` is an hour elsewhere."""
    passage = Passage(written)
    Rules(*part_rules(), *reference_rules()).apply(passage)
    assert passage.text == spoken
