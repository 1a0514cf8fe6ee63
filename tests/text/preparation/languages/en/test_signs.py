"""Signs in English text are spoken as a person would say them."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("x^2 + y^2 = z^2", "x squared plus y squared equals z squared"),
        ("x³ - 1", "x cubed minus one"),
        ("2^10 = 1024", "two to the power of ten equals one thousand twenty four"),
        ("2**8 = 256", "two to the power of eight equals two hundred fifty six"),
        ("10⁶ and 10⁻³", "ten to the power of six and ten to the power of minus three"),
        ("10^6 cells", "ten to the power of six cells"),
        ("10^-3 cells", "ten to the power of minus three cells"),
        ("1e6 cells", "one times ten to the power of six cells"),
        ("1.5e-6 volts", "one point five times ten to the power of minus six volts"),
        ("√16 = 4 and 3 × 4 = 12", "the square root of sixteen equals four and three times four equals twelve"),
        ("5+3=8", "five plus three equals eight"),
        ("5 + 3 = 8", "five plus three equals eight"),
        ("10 - 3 = 7", "ten minus three equals seven"),
        ("10-3=7", "ten minus three equals seven"),
        ("10 – 3 = 7", "ten minus three equals seven"),
        ("12×4 = 48", "twelve times four equals forty eight"),
        ("2 · 3 = 6", "two times three equals six"),
        ("5 ± 1 mm", "five plus or minus one millimeter"),
        ("π ≈ 3.14", "pi is approximately three point one four"),
        ("3 < 5 and 5 > 3", "three is less than five and five is greater than three"),
        ("Use <b> here.", "Use <b> here."),
        ("It took ~5 minutes.", "It took about five minutes."),
        ("It took ≈5 minutes.", "It took approximately five minutes."),
        ("It took <5 minutes.", "It took less than five minutes."),
        ("It took > 5 minutes.", "It took more than five minutes."),
        ("It is ≥18.", "It is at least eighteen."),
        ("The chance is .5.", "The chance is zero point five."),
        ("About .25 of it.", "About zero point two five of it."),
        ("A 4K TV.", "A four K TV."),
        ("A 5G phone.", "A five G phone."),
        ("Salt & pepper, R&D.", "Salt and pepper, R and D."),
        ("Cats and/or dogs.", "Cats and or dogs."),
        ("Press yes/no.", "Press yes no."),
        ("The on/off switch.", "The on off switch."),
        ("I use C++ and C#.", "I use C plus plus and C sharp."),
        ("Use #winning here.", "Use hashtag winning here."),
        ("Call set_temp() now.", "Call set temp now."),
        ("The number is 1,234.56.", "The number is one thousand two hundred thirty four point five six."),
        ("A 90° turn.", "A ninety degrees turn. || A ninety degree turn."),
        ("Under § 5 it is.", "Under section five it is."),
        ("x >= 5", "x is greater than or equal to five"),
        ("A → B", "eigh to B"),
        ("Meet @ 5.", "Meet at five."),
        ("18+ only.", "Eighteen plus only."),
        ("3 × 10^8 m/s", "three times ten to the power of eight meters per second"),
        ("3×10⁸", "three times ten to the power of eight"),
        ("2πr²", "two pi r squared"),
        ("f(x) = 3x - 5", "f x equals three x minus five"),
        ("Order #A12 shipped.", "Order number eigh twelve shipped."),
        ("E = mc²", "E equals M C squared"),
        ("It is 5 mm² big.", "It is five square millimeters big."),
        ("5! = 120", "five factorial equals one hundred twenty"),
        ("Go to Settings > System > Logs.", "Go to Settings, System, Logs."),
        ("If A > B && x > 5", "If eigh is greater than B and x is greater than five"),
    ],
)
def test_signs_are_spoken(written: str, spoken: str) -> None:
    """The prepared text has the same phonemes as the expected words."""
    assert is_spoken_as(written, spoken, "en_US")
