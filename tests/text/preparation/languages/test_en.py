"""Complete English texts are spoken as a person would say them, and ordinary text is not changed."""

import pytest

from tests.text.spoken import is_spoken_as
from wyoming_piper_serial.text.preparation.preparer import Preparer

_AMERICAN = Preparer("en_US")
_BRITISH = Preparer("en_GB")


@pytest.mark.parametrize(
    "text",
    [
        "I like the mix of CD and DVD players.",
        "I think I will go to Washington DC and then to MC Hammer's show.",
        "Mix the civic lid with a livid mild vim.",
        "In the morning I may march to the sun with Jan and Mark.",
        "The second and third items sat on the wed list.",
        "He said no. Then he left.",
        "No. I do not want to.",
        "It may be cold in March.",
        "They march on and may stop.",
        "The sun sat on the mon.",
        "She told us about it at a fair.",
        "We can do it in a min or a max.",
        "A gene is on a rep of the gov.",
        "The dr said so.",
        "Come in at six in the evening.",
        "Is it in or out?",
        "The answer is in the book.",
        "He was the first in line.",
        "What is the weather like today?",
        "The kitchen light is on and the bedroom light is off.",
        "Turn off the TV, please.",
        "There are 5 lights on.",
        "You have 12 new messages.",
        "I have 3 sons, 2 dogs and 1 cat.",
        "The number 7 is lucky.",
        "There are 24 hours in a day.",
        "He scored 27 goals in 30 games.",
        "It is 5 o'clock somewhere.",
        "The temperature is 21.5 degrees.",
        "Version 2024.3.1 is out.",
        "My IP is 192.168.1.10.",
        "See example.com or docs.python.org for more.",
        "I live in the U and I like it.",
        "Plan A is better than plan B.",
        "Vitamin C and vitamin D are good.",
        "Malcolm X spoke.",
        "Generation X and iPhone X are old.",
        "I, for one, am here.",
        "Am I right?",
        "It was me, not I.",
        "He got an A in math.",
        "The X axis and the Y axis.",
        "XL and XXL shirts are sold out.",
        "The MI and MD teams won.",
        "This is a well-known, up-to-date state-of-the-art idea.",
        "A 5-year-old girl ran 10 laps.",
        "COVID-19 and the F-16 are different.",
        'She said, "I have twenty."',
        "It's the dogs' bowl, not the cats'.",
        "Rock 'n' roll is here to stay.",
        "Don't you think it's nice?",
        "He isn't sure, she's sure.",
        "We used Python 3.12 on Windows 11.",
        "The iPhone 15 and the Galaxy S24 are phones.",
        "Act now and save.",
        "The part I liked was good.",
        "The chapter I read was long.",
        "In the book I wrote about it.",
        "During the war I was young.",
        "Was the Elizabeth I know there?",
        "Is it a dime or a penny?",
        "The old man and the sea.",
        "Press the button, wait, and then let go.",
        "The est was good.",
        'He asked, "Why?" and left.',
        "One, two, three, go!",
        "Go, team, go!",
        "Hello, how are you?",
        "Thanks!",
        "OK",
        "The light level is high.",
        "5",
        "12",
        "100",
        "The 3 bears.",
        "Fr and Br are letters.",
        "Sec and Max went home.",
        "Max, come here.",
        "The art of war.",
        "I would ask Art.",
        "He is an op in the channel.",
        "The ref blew it.",
        "It is a cold, dark place.",
        "The col is steep.",
        "The cap. That was it.",
        "Let me see. I forgot.",
        "The house on the hill.",
        "March 5 miles.",
        "May 5 people enter?",
        'He said "5".',
    ],
)
def test_ordinary_text_is_unchanged(text: str) -> None:
    """Ambiguous text is not changed, even if it resembles a date, a time or a numeral."""
    assert _AMERICAN.prepare(text).text == text
    assert _BRITISH.prepare(text).text == text


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        (
            "You have a meeting with Dr. Lee at 2:30 p.m. on Tue, Mar 4.",
            "You have a meeting with Doctor Lee at two thirty PM on Tuesday, March fourth.",
        ),
        (
            "Our 1,000,000th visitor, the 10,001st order and the 2,000th won $1,000.",
            "Our one millionth visitor, the ten thousand first order and the two thousandth won one thousand dollars.",
        ),
        ("US-$50, US $50 and 50 US-$", "fifty US dollars, fifty US dollars and fifty dollars"),
        (
            "Today's high is 85°F, with 5-10 mph winds.",
            "Today's high is eighty five degrees Fahrenheit, with five to ten miles per hour winds.",
        ),
        (
            "I've added 2 lbs of apples and 1/2 gal of milk.",
            "I've added two pounds of apples and one half gallon of milk.",
        ),
        (
            "The U.S. GDP grew 3.2% in Q3 2023.",
            "The US GDP grew three point two percent in Q three twenty twenty three.",
        ),
        ("From 9 a.m. to 5 p.m., Mon.–Fri.", "From nine AM to five PM, Monday to Friday."),
        (
            "The temperature dropped from 20°C to -5°C in 2 hrs.",
            "The temperature dropped from twenty degrees Celsius to minus five degrees Celsius in two hours.",
        ),
        (
            "Mix 3/4 cup sugar with 2 1/2 tbsp butter.",
            "Mix three quarters cup sugar with two and a half tablespoons butter.",
        ),
        (
            "Bake at 350°F for 25-30 min.",
            "Bake at three hundred fifty degrees Fahrenheit for twenty five to thirty minutes.",
        ),
        ("Mt. Fuji is 3,776 m (12,389 ft) high.", "Mount Fuji is 3776 meters (12389 feet) high."),
        ("The flight departs at 6:45 a.m. on Mar. 15.", "The flight departs at six forty five AM on March fifteenth."),
        ("Mon, Wed & Fri 9:00-17:00", "Monday, Wednesday and Friday nine o'clock to seventeen hundred"),
        (
            "Power costs $0.30/kWh, up 5% since 2023.",
            "Power costs thirty cents per kilowatt hour, up five percent since twenty twenty three.",
        ),
    ],
)
def test_answer_is_spoken(written: str, spoken: str) -> None:
    """Several dates, times or numbers in one sentence do not affect each other."""
    assert is_spoken_as(written, spoken, "en_US")


@pytest.mark.parametrize(
    "text",
    [
        "On\u00a0Jan\u00a06 it costs $5\u202fmillion.",
        "(See Fig. 3, p. 12; World War II.)",
        "1/2 1/2 1/2 $1 $2-3 1:00-2:00 5'10\" 2024-03-05",
    ],
)
def test_spans_cover_the_prepared_text(text: str) -> None:
    """The spans cover the whole prepared text and map it to the original text, in order."""
    prepared = _AMERICAN.prepare(text)
    assert prepared.spans[0].start == 0
    assert prepared.spans[-1].end == len(prepared.text)
    assert all(one.end == after.start for one, after in zip(prepared.spans, prepared.spans[1:], strict=False))
    assert all(
        one.written_start <= after.written_start for one, after in zip(prepared.spans, prepared.spans[1:], strict=False)
    )
