"""Times are spoken as a person would say them in English."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("It's 7:05.", "It's seven oh five."),
        ("It's 7:00.", "It's seven o'clock."),
        ("It's 07:05.", "It's seven oh five."),
        ("It's 19:30.", "It's nineteen thirty."),
        ("It's 19:05.", "It's nineteen oh five."),
        ("It's 19:00.", "It's nineteen hundred."),
        ("It's 12:00.", "It's twelve o'clock."),
        ("It's 00:00.", "It's midnight."),
        ("It's 0:15.", "It's twelve fifteen AM."),
        ("It's 12:45 now.", "It's twelve forty five now."),
        ("At 10:30am we eat.", "At ten thirty AM we eat."),
        ("At 10:30 AM we eat.", "At ten thirty AM we eat."),
        ("At 10:30 a.m. we eat.", "At ten thirty AM we eat."),
        ("At 7:05PM.", "At seven oh five PM."),
        ("At 7:00 pm.", "At seven PM."),
        ("At 7.30pm.", "At seven thirty PM."),
        ("At 3 p.m.", "At three PM."),
        ("At 3 P.M. we eat.", "At three PM we eat."),
        ("At 3pm we eat.", "At three PM we eat."),
        ("(at 3 p.m.)", "(at three PM.)"),
        ("We met at 3 p.m. in Paris.", "We met at three PM in Paris."),
        ("From 5-6 pm.", "From five to six PM."),
        ("From 5–6pm.", "From five to six PM."),
        ("9am-5pm", "nine AM to five PM"),
        ("9 a.m.–5 p.m.", "nine AM to five PM."),
        ("From 7:00–9:00.", "From seven o'clock to nine o'clock."),
        ("From 7:30-9:15 pm.", "From seven thirty to nine fifteen PM."),
        ("From 10 am to 4:30 pm.", "From ten AM to four thirty PM."),
        ("The timer is set for 1:30:00.", "The timer is set for one hour and thirty minutes."),
        ("The timer is set for 0:05:00.", "The timer is set for five minutes."),
        ("The timer is set for 00:00:30.", "The timer is set for thirty seconds."),
        ("1:02:03 left.", "One hour, two minutes and three seconds left."),
        ("It ran 12:00:01.", "It ran twelve hours and one second."),
        ("At 19:30:15 it stopped.", "At nineteen thirty and fifteen seconds it stopped."),
        ("At 7:30:00 AM.", "At seven thirty AM."),
        ("The wash takes 3h 20m.", "The wash takes three hours and twenty minutes."),
        ("The wash takes 3h20m.", "The wash takes three hours and twenty minutes."),
        ("The wash takes 1h 1m.", "The wash takes one hour and one minute."),
        ("The wash takes 1 h 30 min.", "The wash takes one hour and thirty minutes."),
        ("The wash takes 2 hrs 5 mins.", "The wash takes two hours and five minutes."),
        ("Up 2d 4h 10m.", "Up two days, four hours and ten minutes."),
        ("In 5m 30s.", "In five minutes and thirty seconds."),
        ("In 1h 2m 3s it ends.", "In one hour, two minutes and three seconds it ends."),
        ("It takes 2 hrs.", "It takes two hours."),
        ("It takes 1 hr.", "It takes one hour."),
        ("It takes 45 mins.", "It takes forty five minutes."),
        ("Lights out at 2300 hours.", "Lights out at twenty three hundred hours."),
        ("Wake up at 0700 hours.", "Wake up at oh seven hundred hours."),
        ("At 8 o'clock.", "At eight o'clock."),
        ("The sun sets at 20:41 and rises at 5:58.", "The sun sets at twenty forty one and rises at five fifty eight."),
        ("Wake me at 6:45, please.", "Wake me at six forty five, please."),
        ("10:00 UTC", "ten o'clock UTC"),
        ("00:00:10 left.", "Ten seconds left."),
        ("From 8 a.m.-noon.", "From eight AM to noon."),
    ],
)
def test_times_are_spoken(written: str, spoken: str) -> None:
    """The phonemes are those of the words that a person would say."""
    assert is_spoken_as(written, spoken, "en_US")
