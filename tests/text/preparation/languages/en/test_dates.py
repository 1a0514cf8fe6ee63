"""Dates in English text are spoken as a person would say them."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Today is 2024-03-05.", "Today is March fifth, twenty twenty four."),
        ("Due 2026-12-31 at noon.", "Due December thirty first, twenty twenty six at noon."),
        ("From Feb 3 - Mar 5.", "From February third to March fifth."),
        ("Jan. 5, 2026–Feb. 3rd", "January fifth, twenty twenty six to February third"),
        ("(2025-01-01)", "January first, twenty twenty five"),
        ("Updated 2024/03/05.", "Updated March fifth, twenty twenty four."),
        ("It ended on 1999-11-30.", "It ended on November thirtieth, nineteen ninety nine."),
        (
            "Last changed 2026-10-03T07:05:00+00:00",
            "Last changed October third, twenty twenty six, seven oh five U T C plus zero",
        ),
        (
            "Last seen 2026-10-03 19:30:15.",
            "Last seen October third, twenty twenty six, nineteen thirty and fifteen seconds.",
        ),
        ("Restarted 2026-10-03T18:00:00Z.", "Restarted October third, twenty twenty six, eighteen hundred U T C."),
        ("The bill of 2024-03 is paid.", "The bill of March twenty twenty four is paid."),
        ("It is 10/3/2024.", "It is October third, twenty twenty four."),
        ("It is 03/10/2024.", "It is March tenth, twenty twenty four."),
        ("It is 25/12/2024.", "It is December twenty fifth, twenty twenty four."),
        ("It is 10/3/24.", "It is October third, twenty twenty four."),
        ("He was born on 7/4/76.", "He was born on July fourth, nineteen seventy six."),
        ("It is 03-10-2024.", "It is March tenth, twenty twenty four."),
        ("It is 3.10.2024.", "It is October third, twenty twenty four."),
        ("See you on 10/3.", "See you on October third."),
        ("See you on Monday, 12/25.", "See you on Monday, December twenty fifth."),
        ("Trash pickup is Tue 1/7.", "Trash pickup is Tuesday January seventh."),
        ("The trash is due Mon, Jan 6.", "The trash is due Monday, January sixth."),
        ("On Jan. 6, 2025, it snowed.", "On January sixth, twenty twenty five, it snowed."),
        ("On January 6 it snowed.", "On January sixth it snowed."),
        ("On January 6th it snowed.", "On January sixth it snowed."),
        ("On Sept. 11, 2001.", "On September eleventh, two thousand one."),
        ("On Sep 5", "On September fifth"),
        ("It opens May 5.", "It opens May fifth."),
        ("It opens March 31, 1905.", "It opens March thirty first, nineteen oh five."),
        ("It runs Jan 6-8.", "It runs January sixth to eighth."),
        ("It runs Jun 28 – 30, 2025.", "It runs June twenty eighth to thirtieth, twenty twenty five."),
        ("It runs from Dec. 24 to Jan. 2.", "It runs from December twenty fourth to January second."),
        ("Dec 24 and 25 are holidays.", "December twenty fourth and twenty fifth are holidays."),
        ("On 3 Oct 2024 it rained.", "On the third of October, twenty twenty four it rained."),
        ("On 3 October it rained.", "On the third of October it rained."),
        ("On the 3rd of October 2024.", "On the third of October, twenty twenty four."),
        ("The 21st of Mar. was warm.", "The twenty first of March was warm."),
        ("Sunday 1 May 2022", "Sunday the first of May, twenty twenty two"),
        ("1–3 October", "the first to third of October"),
        ("She left in December 2024.", "She left in December twenty twenty four."),
        ("She left in Dec. 2024.", "She left in December twenty twenty four."),
        ("From Jan 2019 to Mar 2020.", "From January twenty nineteen to March twenty twenty."),
        ("In Nov. we vote.", "In November we vote."),
        ("In Jan we ski.", "In January we ski."),
        ("It is due in Feb.", "It is due in February."),
        ("Open Mon–Fri.", "Open Monday to Friday."),
        ("Open Mon-Fri, 9-5.", "Open Monday to Friday, nine to five."),
        ("Open Mon.-Sat.", "Open Monday to Saturday."),
        ("Open Tue/Thu.", "Open Tuesday Thursday. || Open Tuesday slash Thursday."),
        ("Closed Sat & Sun.", "Closed Saturday and Sunday."),
        ("Every Wed at noon.", "Every Wednesday at noon."),
        ("Every Fri.", "Every Friday."),
        ("Thurs., Oct. 3", "Thursday, October third"),
        ("Sat, Feb 29", "Saturday, February twenty ninth"),
        ("Sun 3 Nov", "Sunday the third of November"),
        ("Valid Jan–Mar.", "Valid January to March."),
        ("Valid Oct-Dec 2024.", "Valid October to December twenty twenty four."),
        ("Next bin day: 2025-07-01, brown.", "Next bin day: July first, twenty twenty five, brown."),
        ("The date is 02/29/2024?!", "The date is February twenty ninth, twenty twenty four?!"),
        ("The flight is on Mar. 15.", "The flight is on March fifteenth."),
        ("Open 10-4 Sat.", "Open ten to four Saturday."),
        ("The 4th of July, 1776", "The fourth of July, seventeen seventy six"),
        ("Wed. at 5", "Wednesday at five"),
        ("I saw it on 3 Mar.", "I saw it on the third of March."),
        ("The meeting is Wed at 3.", "The meeting is Wednesday at three."),
        ("See you Sat morning or Sun at 5pm.", "See you Saturday morning or Sunday at five PM."),
        ("The Sun at noon.", "The Sun at noon."),
    ],
)
def test_dates_are_spoken_in_american_english(written: str, spoken: str) -> None:
    """The prepared text has the same phonemes as the expected words."""
    assert is_spoken_as(written, spoken, "en_US")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Today is 2024-03-05.", "Today is the fifth of March, twenty twenty four."),
        ("It is 10/3/2024.", "It is the tenth of March, twenty twenty four."),
        ("It is 03/10/2024.", "It is the third of October, twenty twenty four."),
        ("It is 12/25/2024.", "It is the twenty fifth of December, twenty twenty four."),
        ("It is 3.10.24.", "It is 3.10.24."),
        ("See you on 10/3.", "See you on the tenth of March."),
        ("The trash is due Mon, Jan 6.", "The trash is due Monday, January the sixth."),
        ("On 3 Oct 2005.", "On the third of October, two thousand and five."),
        ("On the 3rd of Oct.", "On the third of October."),
        ("She left in 2008.", "She left in two thousand and eight."),
    ],
)
def test_dates_are_spoken_in_british_english(written: str, spoken: str) -> None:
    """British English differs from American English in dates, amounts of money and long numbers."""
    assert is_spoken_as(written, spoken, "en_GB")
