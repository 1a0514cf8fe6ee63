"""Labels of parts of laws and books are read in full before a number."""

import pytest

from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Passage, Rules
from wyoming_piper_serial.text.preparation.references import references


def _prepared(language: str, text: str) -> str:
    passage = Passage(text)
    Rules(*references(Locale.of(language))).apply(passage)
    return passage.text


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "Abschn. 3, Anh. IV, lit. a", "Abschnitt 3, Anhang IV, Buchstabe a"),
        ("de", "Z. 8, nach 5 Z. 8", "Zeile 8, nach 5 Z. 8"),
        ("de", "S. 5 ff., S. 5 f.", "S. 5 fortfolgende, S. 5 folgende."),
        ("fr", "al. 2, l. 7, 5 l. 7", "alinéa 2, ligne 7, 5 l. 7"),
        ("es", "párr. 2, lit. b, p. 5 y ss.", "párrafo 2, literal b, p. 5 y siguientes."),
        ("it", "art. 5 c. 2, vitamina c. 2", "art. 5 comma 2, vitamina c. 2"),
        ("it", "alle h. 15, h. 15 cm", "alle ore 15, h. 15 cm"),
        ("it", "vv. 8-9", "versi 8 a 9"),
        ("pt", "al. a, al. 4", "alínea a, alínea 4"),
        ("pt_PT", "sec. 3", "secção 3"),
        ("pt_BR", "sec. 3", "seção 3"),
        ("nl", "bijl. 4–5", "bijlage 4 tot 5"),
        ("de", "Anl. und Anh.", "Anl. und Anh."),
        ("sv", "par. 3", "par. 3"),
    ],
)
def test_labels(language: str, written: str, spoken: str) -> None:
    """A label that may also be a unit is not read after a number."""
    assert _prepared(language, written) == spoken
