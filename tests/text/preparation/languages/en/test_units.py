"""Units are spoken as a person would say them in English."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Add 2 tbsp sugar.", "Add two tablespoons sugar."),
        ("Add 1 tbsp sugar.", "Add one tablespoon sugar."),
        ("Add 1 tsp. salt.", "Add one teaspoon salt."),
        ("Add 3 tsp salt.", "Add three teaspoons salt."),
        ("Add 8 oz cheese.", "Add eight ounces cheese."),
        ("Add 1 oz cheese.", "Add one ounce cheese."),
        ("Add 8 fl oz milk.", "Add eight fluid ounces milk."),
        ("It weighs 5 lb.", "It weighs five pounds."),
        ("It weighs 5 lbs.", "It weighs five pounds."),
        ("It weighs 1 lb.", "It weighs one pound."),
        ("It weighs 150 lbs now.", "It weighs one hundred fifty pounds now."),
        ("A 5 lb bag.", "A five pound bag."),
        ("A 5-lb bag.", "A five pound bag."),
        ("A 12-oz can.", "A twelve ounce can."),
        ("The house has 1,200 sq ft.", "The house has one thousand two hundred square feet."),
        ("The house has 1,200 sq. ft. of space.", "The house has one thousand two hundred square feet of space."),
        (
            "The house has 1200 sqft.",
            "The house has one thousand two hundred square feet. || The house has twelve hundred square feet.",
        ),
        ("It is 6 ft deep.", "It is six feet deep."),
        ("It is 1 ft deep.", "It is one foot deep."),
        ("It is 12 in.", "It is twelve inches."),
        ("It is 12 in. wide.", "It is twelve inches wide."),
        ("It is 12 in wide.", "It is twelve inches wide."),
        ("He is 5'10\".", "He is five foot ten."),
        ("He is 5' 10\" tall.", "He is five foot ten tall."),
        ("He is 5′10″.", "He is five foot ten."),
        ("He is 6' tall.", "He is six feet tall."),
        ("He is 5'10.", "He is five foot ten."),
        ('A 12" pizza.', "A twelve inch pizza."),
        ('The screen is 27" wide.', "The screen is twenty seven inches wide."),
        ("A 5 ft 10 in man.", "A five foot ten in man. || A five feet ten in man."),
        ("Drive 65 mph.", "Drive sixty five miles per hour."),
        ("Drive 1 mph.", "Drive one mile per hour."),
        ("Download speed is 95 Mbps.", "Download speed is ninety five megabits per second."),
        ("It runs at 60 fps.", "It runs at sixty frames per second."),
        ("It gets 30 mpg.", "It gets thirty miles per gallon."),
        ("It runs 5 mi.", "It runs five miles."),
        ("It takes 5 min.", "It takes five minutes."),
        ("It takes 1 min.", "It takes one minute."),
        ("It takes 30 sec.", "It takes thirty seconds."),
        ("It is 3 yrs old.", "It is three years old."),
        ("It has 10 pcs.", "It has ten pieces."),
        ("It spins at 1200 rpm.", "It spins at one thousand two hundred R P M."),
        ("His pulse is 72 bpm.", "His pulse is seventy two beats per minute."),
        ("It has 200 cal.", "It has two hundred calories."),
        ("I have 5 in the morning.", "I have five in the morning."),
        ("I checked 5 in.", "I checked five inches."),
        ("A 65 mph limit.", "A sixty five mile per hour limit."),
        ("PM2.5 is high.", "P M two point five is high."),
        ('"I have 12" he said.', '"I have twelve" he said.'),
        ("A 12 V battery.", "A twelve volt battery."),
        ("A 5 km run and a 10-kg bag.", "A five kilometer run and a ten kilogram bag."),
        ("A 2 TB disk.", "A two terabyte disk."),
        ("It is set to 30 psi.", "It is set to thirty P S I."),
        ("She is 5 ft. 4 in. tall.", "She is five feet four inches tall."),
        ("A 6 inch nail.", "A six inch nail."),
        ("A 5 ft x 3 ft rug.", "A five foot by three foot rug."),
    ],
)
def test_units_are_spoken(written: str, spoken: str) -> None:
    """The phonemes are those of the words that a person would say."""
    assert is_spoken_as(written, spoken, "en_US")
