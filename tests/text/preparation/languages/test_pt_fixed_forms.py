"""Portuguese scores, identification numbers, laws, heights and abbreviations with a slash."""

import pytest

from wyoming_piper_serial.text.preparation.languages.pt_fixed_forms import fixed_form_rules
from wyoming_piper_serial.text.preparation.passage import Passage, Rules

_DIGITS = ("zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Palmeiras 2 x 1 Santos", "Palmeiras 2 a 1 Santos"),
        ("Venceu por 3x2 nos pênaltis", "Venceu por 3 a 2 nos pênaltis"),
        ("uma folha de 20 x 30 cm, 3x4=12", "uma folha de 20 x 30 cm, 3x4=12"),
        ("CPF 123456789-09", "CPF um dois três quatro cinco seis sete oito nove, zero nove"),
        ("Lei nº 8.078/90, decreto 9.000/2017", "Lei nº 8078 de 90, decreto 9000 de 2017"),
        ("1m80 e 2m05", "1 metro e 80 e 2 metros e 5"),
        ('tela de 27", uma "tela"', 'tela de 27 polegadas, uma "tela"'),
        ("c/ leite, p/ você e s/açúcar", "com leite, para você e sem açúcar"),
        ("1,5% a.m. e 12% a.a., 8 a.m.", "1,5% ao mês e 12% ao ano, 8 a.m."),
        ("km/h, a/c, c/c", "km/h, a/c, c/c"),
        ("art. 5, § 2 e § único", "art. 5, parágrafo 2 e parágrafo único"),
        ("1 xíc. de chá, 2 xíc. de café, 1 col. de sal", "1 xícara de chá, 2 xícaras de café, 1 colher de sal"),
        ("Ligue 190, 192 ou 193", "Ligue 190, um nove dois ou um nove três"),
    ],
)
def test_fixed_forms(written: str, spoken: str) -> None:
    """Dimensions, products and units with the same signs are not changed."""
    passage = Passage(written)
    Rules(*fixed_form_rules(_DIGITS)).apply(passage)
    assert passage.text == spoken
