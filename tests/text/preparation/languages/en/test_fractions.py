"""Fractions in English text are spoken as a person would say them."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Use 1/2 cup of water.", "Use one half cup of water."),
        ("Use 1/4 cup of water.", "Use one quarter cup of water."),
        ("Use 3/4 cup of water.", "Use three quarters cup of water."),
        ("Use 2/3 cup of water.", "Use two thirds cup of water."),
        ("Use ½ cup of water.", "Use one half cup of water."),
        ("Add ¾ tsp salt.", "Add three quarters teaspoon salt."),
        ("Add 1/2 tsp. salt.", "Add one half teaspoon salt."),
        ("Add 1/2 tsp.", "Add one half teaspoon."),
        ("Add 1½ cups.", "Add one and a half cups."),
        ("Add 1 ½ cups.", "Add one and a half cups."),
        ("Add 2 1/2 cups.", "Add two and a half cups."),
        ("Add 2-1/2 cups.", "Add two and a half cups."),
        ("Add 2 3/4 cups.", "Add two and three quarters cups."),
        ("Add 1 1/2 tsp salt.", "Add one and a half teaspoons salt."),
        ("Add 1½ tbsp oil.", "Add one and a half tablespoons oil."),
        ("Add ⅓ cup and ⅛ tsp.", "Add one third cup and one eighth teaspoon."),
        ("Drill a 5/8 inch hole.", "Drill a five eighths inch hole."),
        ('Drill a 3/8" hole.', "Drill a three eighths inch hole."),
        ("It is 5 1/4 miles.", "It is five and one quarter miles."),
        ("It weighs ½ kg.", "It weighs one half kilogram."),
        ("About 2/3 of voters.", "About two thirds of voters."),
        ("About 1/3.", "About one third."),
        ("About 5/6 of it.", "About five sixths of it."),
        ("About 1/10 of it.", "About one tenth of it."),
        ("About 1/100 of it.", "About one one hundredth of it."),
        ("Open 24/7.", "Open twenty four seven."),
        ("After 9/11 it changed.", "After nine eleven it changed."),
        ("It's 50/50.", "It's fifty fifty."),
        ("I rate it 8/10.", "I rate it eight out of ten."),
        ("I rate it 10/10!", "I rate it ten out of ten!"),
        ("You scored 85/100.", "You scored eighty five out of one hundred."),
        ("His blood pressure is 120/80.", "His blood pressure is one hundred twenty over eighty."),
        ("1/2 + 1/4 = 3/4", "one half plus one quarter equals three quarters"),
        ("1⁄2 cup", "one half cup"),
    ],
)
def test_fractions_are_spoken(written: str, spoken: str) -> None:
    """The prepared text has the same phonemes as the expected words."""
    assert is_spoken_as(written, spoken, "en_US")
