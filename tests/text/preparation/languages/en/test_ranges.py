"""Ranges are spoken as a person would say them in English."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("x² + 2x = 0", "x squared plus two x equals zero"),
        ("6 ÷ 2 = 3", "six divided by two equals three"),
        ("a ≠ b", "eigh is not equal to b"),
        ("5 ≤ 6 and 6 ≥ 5", "five is less than or equal to six and six is greater than or equal to five"),
        ("It is 4x faster.", "It is four times faster."),
        ("It is 2.5x faster.", "It is two point five times faster."),
        ("It is 10× better.", "It is ten times better."),
        ("It is 2-3x faster.", "It is two to three times faster."),
        ("Do it x3.", "Do it times three."),
        ("Grease a 9x13 pan.", "Grease a nine by thirteen pan."),
        ("Grease a 9 x 13 pan.", "Grease a nine by thirteen pan."),
        ("Grease a 9×13 pan.", "Grease a nine by thirteen pan."),
        ("Grease a 9x13-inch pan.", "Grease a nine by thirteen inch pan."),
        ("A 10x10x5 box.", "A ten by ten by five box."),
        ("A 1920x1080 screen.", "A nineteen hundred twenty by one thousand eighty screen."),
        ("A 2x4 board.", "A two by four board."),
        ("A 5 ft x 3 ft rug.", "A five foot by three foot rug. || A five feet by three feet rug."),
        ("A 3 × 4 inch card.", "A three by four inch card."),
        ("A 16:9 screen.", "A sixteen to nine screen."),
        ("A ratio of 3:1.", "A ratio of three to one."),
        ("They won 2:1.", "They won two to one."),
        ("It takes 10-20 days.", "It takes ten to twenty days."),
        ("It takes 10 - 20 days.", "It takes ten to twenty days."),
        ("It takes 10–20 days.", "It takes ten to twenty days."),
        ("It takes 10 – 20 days.", "It takes ten to twenty days."),
        ("They won 3-2.", "They won three to two."),
        ("They won 3–2.", "They won three to two."),
        ("Rates rose 3.5%–4%.", "Rates rose three point five percent to four percent."),
        ("Rates rose 3-4%.", "Rates rose three to four percent."),
        ("See pages 12–15.", "See pages twelve to fifteen."),
        ("See pp. 12-15.", "See pages twelve to fifteen."),
        ("About 1,000-1,500 people.", "About one thousand to one thousand five hundred people."),
        ("From -5 to -3 degrees.", "From minus five to minus three degrees."),
        ("About -5–-3 degrees.", "About minus five to minus three degrees."),
        ("It is 1.5–2.5 times bigger.", "It is one point five to two point five times bigger."),
        ("Kids 5–10 are free.", "Kids five to ten are free."),
        ("It has 5k users.", "It has five thousand users."),
        ("It has 2M users.", "It has two million users."),
        ("It has 3.5M users.", "It has three point five million users."),
        ("It has 1.2B users.", "It has one point two billion users."),
        ("It has 20K users.", "It has twenty thousand users."),
        ("It has 1.2bn users.", "It has one point two billion users."),
        ("The result – 3 people – is fine.", "The result, three people, is fine."),
        ("a != b", "eigh is not equal to b"),
        ("10 / 2 = 5", "ten divided by two equals five"),
        ("John 3:16 and Psalm 23:4", "John three sixteen and Psalm twenty three four"),
        ("The low is -5 to -3 °C.", "The low is minus five to minus three degrees Celsius."),
        ("From 20°C–25°C.", "From twenty degrees Celsius to twenty five degrees Celsius."),
        ("It is 10–20 °C.", "It is ten to twenty degrees Celsius."),
        ("Three 2x4s fell.", "Three two by fours fell."),
        ("A 10-20-year-old car.", "A ten to twenty year old car."),
        ("About 1.5m people came.", "About one point five million people came."),
        ("Playing 24K Magic.", "Playing 24K Magic."),
    ],
)
def test_ranges_are_spoken(written: str, spoken: str) -> None:
    """The phonemes are those of the words that a person would say."""
    assert is_spoken_as(written, spoken, "en_US")
