"""Amounts of money in English text are spoken as a person would say them."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("It costs $5.99.", "It costs five dollars and ninety nine cents."),
        ("It costs $5.", "It costs five dollars."),
        ("It costs $1.", "It costs one dollar."),
        ("It costs $1.00.", "It costs one dollar."),
        ("It costs $1.01.", "It costs one dollar and one cent."),
        ("It costs $0.99.", "It costs ninety nine cents."),
        ("It costs $.99.", "It costs ninety nine cents."),
        ("It costs $2.5.", "It costs two point five dollars."),
        ("It costs $3.499.", "It costs three point four nine nine dollars."),
        ("It costs $1,299.", "It costs one thousand two hundred ninety nine dollars."),
        ("It costs $1,299.50.", "It costs one thousand two hundred ninety nine dollars and fifty cents."),
        ("It costs €1.20.", "It costs one euro and twenty cents."),
        ("It costs €5.", "It costs five euros."),
        ("It costs 5 €.", "It costs five euros."),
        ("It costs 5.99 €.", "It costs five euros and ninety nine cents."),
        ("It costs 25.50 USD.", "It costs twenty five dollars and fifty cents."),
        ("It costs USD 1,200.75.", "It costs one thousand two hundred dollars and seventy five cents."),
        ("It costs 0.99 EUR.", "It costs ninety nine cents."),
        ("A loss of -3.05 CAD.", "A loss of minus three Canadian dollars and five cents."),
        ("It costs 25.50 dollars.", "It costs twenty five dollars and fifty cents."),
        ("It costs 25.5 USD.", "It costs twenty five point five dollars."),
        ("It costs 0.30 EUR/kWh.", "It costs zero point three zero euros per kilowatt hour."),
        ("It costs 5€.", "It costs five euros."),
        ("It costs £3.50.", "It costs three pounds and fifty pence."),
        ("It costs £0.01.", "It costs one penny."),
        ("It costs ¥500.", "It costs five hundred yen."),
        ("It costs ₹100.", "It costs one hundred rupees."),
        ("It costs 50¢.", "It costs fifty cents."),
        ("It costs 1¢.", "It costs one cent."),
        ("Power costs $0.30/kWh.", "Power costs thirty cents per kilowatt hour."),
        ("Gas is $3.50/gal.", "Gas is three dollars and fifty cents per gallon."),
        ("It pays $20/hour.", "It pays twenty dollars per hour."),
        ("It pays $20/hr.", "It pays twenty dollars per hour."),
        ("It is $9.99/month.", "It is nine dollars and ninety nine cents per month."),
        ("It is €2/kg.", "It is two euros per kilogram."),
        ("It is worth $3B.", "It is worth three billion dollars."),
        ("It is worth $2.5M.", "It is worth two point five million dollars."),
        ("It is worth $1k.", "It is worth one thousand dollars."),
        ("It is worth $10K.", "It is worth ten thousand dollars."),
        ("It is worth $1.5 million.", "It is worth one point five million dollars."),
        ("It is worth $1 billion.", "It is worth one billion dollars."),
        ("It is worth $3bn.", "It is worth three billion dollars."),
        (
            "It is worth 5M €, or 5k €, or 5bn EUR.",
            "It is worth five million euros, or five thousand euros, or five billion euros.",
        ),
        ("It is worth £2m.", "It is worth two million pounds."),
        ("It is worth $1T.", "It is worth one trillion dollars."),
        ("A $5 bill.", "A five dollar bill."),
        ("A $1.5 million house.", "A one point five million dollar house."),
        ("You lost $-5.", "You lost minus five dollars."),
        ("You lost -$5.", "You lost minus five dollars."),
        ("You lost −$5.50.", "You lost minus five dollars and fifty cents."),
        ("You won +$5.", "You won plus five dollars."),
        ("It costs US$5.", "It costs five US dollars."),
        ("It costs A$7.50.", "It costs seven Australian dollars and fifty cents."),
        ("It costs CA$7.", "It costs seven Canadian dollars."),
        ("It costs $5-10.", "It costs five to ten dollars."),
        ("It costs $5–$10.", "It costs five to ten dollars."),
        ("It costs $1-2 million.", "It costs one to two million dollars."),
        ("It costs $1.50–$2.50.", "It costs one point five zero to two point five zero dollars."),
        ("($5)", "(five dollars)"),
        ('"$20," he said.', '"twenty dollars," he said.'),
        ("The balance is $0.00.", "The balance is zero dollars."),
        ("It costs $100,000.", "It costs one hundred thousand dollars."),
        ("You saved $5!", "You saved five dollars!"),
        ("The $5 is mine.", "The five dollars is mine."),
        ("A 5¢ coin.", "A five cent coin."),
        ("Power costs 12.5¢/kWh.", "Power costs twelve point five cents per kilowatt hour."),
        ("Calls cost 10¢ per minute or 5¢/min.", "Calls cost ten cents per minute or five cents per minute."),
    ],
)
def test_money_are_spoken_in_american_english(written: str, spoken: str) -> None:
    """The prepared text has the same phonemes as the expected words."""
    assert is_spoken_as(written, spoken, "en_US")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("A coffee is £3.50.", "A coffee is three pounds fifty."),
        ("A coffee is £3.05.", "A coffee is three pounds and five pence."),
        ("A coffee is 99p.", "A coffee is ninety nine pence."),
        ("It costs $5.99.", "It costs five dollars and ninety nine cents."),
        ("It costs £1,299.", "It costs 1299 pounds."),
        ("A 1080p screen.", "A 1080p screen."),
        ("It costs 50p.", "It costs fifty pence."),
        ("Power costs 24.5p/kWh.", "Power costs twenty four point five pence per kilowatt hour."),
    ],
)
def test_money_are_spoken_in_british_english(written: str, spoken: str) -> None:
    """British English differs from American English in dates, amounts of money and long numbers."""
    assert is_spoken_as(written, spoken, "en_GB")
