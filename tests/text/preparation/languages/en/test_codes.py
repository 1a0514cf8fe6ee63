"""Telephone numbers, flight numbers and other codes in English text are spoken as a person would say them."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Your PIN is 0042.", "Your pin is zero zero four two."),
        ("Your PIN is 1234.", "Your pin is one two three four."),
        ("PIN: 9876", "Pin: nine eight seven six"),
        ("The code is 483920.", "The code is four eight three nine two zero."),
        ("Use code 4521 to enter.", "Use code four five two one to enter."),
        ("Your password is 1234567.", "Your password is one two three four five six seven."),
        ("The area code 212 is full.", "The area code two one two is full. || The area code two twelve is full."),
        ("My ZIP code is 90210.", "My zip code is nine zero two one zero."),
        ("Beverly Hills, CA 90210.", "Beverly Hills, California nine zero two one zero."),
        ("New York, NY 10001-1234", "New York, New York one zero zero zero one, one two three four"),
        ("Call 555-1234.", "Call five five five, one two three four."),
        ("Call (555) 123-4567.", "Call five five five, one two three, four five six seven."),
        ("Call 5551234567.", "Call five five five one two three four five six seven."),
        ("Call +44 20 7946 0958.", "Call plus four four, two zero, seven nine four six, zero nine five eight."),
        ("Call +15551234567.", "Call plus one five five five one two three four five six seven."),
        ("Call 1-800-555-0199.", "Call one, eight zero zero, five five five, zero one nine nine."),
        ("Call 020 7946 0958.", "Call zero two zero, seven nine four six, zero nine five eight."),
        ("Call 911.", "Call nine one one."),
        ("Dial 112 in an emergency.", "Dial one one two in an emergency."),
        ("Text 88022.", "Text eight eight zero two two."),
        ("Flight BA2490 is late.", "Flight BA two four nine zero is late."),
        ("Flight UA 123 is late.", "Flight UA one two three is late."),
        ("Flight 1549 landed.", "Flight one five four nine landed."),
        ("AA100 is late.", "AA one zero zero is late."),
        ("You are in room 101.", "You are in room one oh one."),
        ("You are in room 12.", "You are in room twelve."),
        ("You are in room 305.", "You are in room three oh five."),
        ("You are in Room 1408.", "You are in room fourteen oh eight."),
        ("You are in suite 200.", "You are in suite two hundred."),
        ("Take Route 66 to Highway 101.", "Take route sixty six to highway one oh one."),
        ("A Boeing 747 landed.", "A Boeing seven forty seven landed."),
        ("Error 404 happened.", "Error four oh four happened."),
        ("Order #12345 shipped.", "Order number one two three four five shipped."),
        ("Order 12345678 shipped.", "Order one two three four five six seven eight shipped."),
        ("You are #5 in line.", "You are number five in line."),
        ("We're #1!", "We're number one!"),
        ("Issue #42 is fixed.", "Issue number forty two is fixed."),
        ("Agent 007 is here.", "Agent zero zero seven is here."),
        ("Press 05 now.", "Press zero five now."),
        (
            "The card is 4111 1111 1111 1111.",
            "The card is four one one one, one one one one, one one one one, one one one one.",
        ),
        (
            "The card is 4111-1111-1111-1111.",
            "The card is four one one one, one one one one, one one one one, one one one one.",
        ),
        ("My number is 123-45-6789.", "My number is one two three, four five, six seven eight nine."),
        ("The ID is 123456789012.", "The ID is one two three four five six seven eight nine zero one two."),
        ("The serial number is 00123456.", "The serial number is zero zero one two three four five six."),
        ("He lives at 123 Main St.", "He lives at one twenty three Main Street."),
        ("The White House is at 1600 Pennsylvania Ave.", "The White House is at sixteen hundred Pennsylvania Avenue."),
        ("Extension 4410, please.", "Extension four four one zero, please."),
        ("ISBN 978-3-16-148410-0", "ISBN nine seven eight, three, one six, one four eight four one zero, zero"),
        ("Take 100-1000 steps.", "Take one hundred to one thousand steps."),
        (
            "The city has 1,234,567 people.",
            "The city has one million two hundred thirty four thousand five hundred sixty seven people.",
        ),
        (
            "Package 1Z999AA10123456784 is here.",
            "Package one Z nine nine nine AA one zero one two three four five six seven eight four is here.",
        ),
        ("I live at 1234 Elm St., Apt. 5.", "I live at twelve thirty four Elm Street, apartment five."),
        ("The sort code is 12-34-56.", "The sort code is one two, three four, five six."),
        ("My number: 867-5309.", "My number: eight six seven, five three zero nine."),
        ("Take 200-1000 mg of it.", "Take two hundred to one thousand milligrams of it."),
        ("The card ending in 4007 was used.", "The card ending in four zero zero seven was used."),
        ("The last four digits are 1234.", "The last four digits are one two three four."),
        ("Dial 9-1-1 or 988.", "Dial nine one one or nine eight eight."),
        ("Washington, DC 20500", "Washington, D C two zero five zero zero"),
        ("It is in SW19 5AE and K1A 0B1.", "It is in S W nineteen five eigh E and K one eigh zero B one."),
        ("Take B12 8GB.", "Take B12 8 gigabytes."),
    ],
)
def test_codes_are_spoken(written: str, spoken: str) -> None:
    """The prepared text has the same phonemes as the expected words."""
    assert is_spoken_as(written, spoken, "en_US")
