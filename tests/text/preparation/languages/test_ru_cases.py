"""Russian numbers are read in the case that the preposition requires."""

import pytest

from wyoming_piper_serial.text.preparation.preparer import Preparer


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("К 22 часам", "К двадцати двум часам"),
        ("за 58 днями", "за пятьюдесятью восемью днями"),
        ("в 3 комнатах", "в трёх комнатах"),
        ("к 21 часу", "к двадцати одному часу"),
        ("ко 2 часу", "ко 2 часу"),
        ("к 1 часу", "к одному часу"),
        ("к 5 утра", "к пяти утра"),
        ("с 9 утра до 6 вечера", "с девяти утра до шести вечера"),
        ("с 21 часа", "с двадцати одного часа"),
        ("с 3 до 5 часов", "с трёх до пяти часов"),
        ("с 3 км до 5 км", "с трёх километров до пяти километров"),
        ("с 20 °C до 25 °C", "с двадцати градусов Цельсия до двадцати пяти градусов Цельсия"),
        ("с 2 лампами до 5 часов", "с двумя лампами до пяти часов"),
        ("при 50 км/ч", "при пятидесяти километрах в час"),
        ("при 5 м²", "при 5 квадратных метров"),
        ("при 5 дюйм.", "при пяти дюймах."),
    ],
)
def test_number_is_in_the_case_of_its_preposition(written: str, spoken: str) -> None:
    """The preposition and the noun show the case. After an adjective, and if the form is not known, the number is not
    changed.
    """
    assert Preparer("ru").prepare(written).text == spoken
