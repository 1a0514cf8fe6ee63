"""Conventions of writing that many languages share are read in all of them."""

import pytest

from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.frontends import Frontends
from wyoming_piper_serial.text.sentences import SentenceSplitter

_FRONTENDS = Frontends()


def said(language: str, text: str) -> str:
    """Return the spoken sentences of `text`, joined with `|` and without the last dot."""
    frontend, splitter = _FRONTENDS.frontend(language, "auto"), SentenceSplitter(TextSettings(), language)
    spoken = [frontend.spoken(sentence) for sentence in (*splitter.feed(text), *splitter.finish())]
    return "|".join(spoken).removesuffix(".")


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "50 US-$, 50,50 US-$, US-$ 50", "50 Dollar, 50 Dollar 50, 50 Dollar"),
        ("en", "50 US-$, US-$50", "50 dollars, 50 US dollars"),
        ("es", "50 US-$, U$S 50,30", "50 dólares, 50 dólares con 30"),
        ("fr", "50 US-$, 50 C$", "50 dollars, 50 dollars canadiens"),
        ("it", "50 US-$, 50 A$", "50 dollari, 50 dollari australiani"),
        ("nl", "50 US-$, 50 R$", "50 dollar, 50 real"),
        ("pl", "50 US-$, 50,20 U$S", "50 dolarów, pięćdziesiąt dolarów dwadzieścia centów"),
        ("pt", "50 US-$", "50 Dólares"),
        ("ru", "50 US-$", "50 долларов"),
        ("zh", "50 US-$和60 US$", "五十美元和六十美元"),
        ("de", "50 US Bürger, im 2 UG", "50 US Bürger, im 2 UG"),
    ],
)
def test_signs_of_currencies_with_a_country(language: str, written: str, spoken: str) -> None:
    """`US` before a currency sign names the country of the currency, and is never a unit."""
    assert said(language, written) == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("fr", "Du le 3 oct. 26 et le 1er mai.", "Du le 3 octobre 26 et le premier mai"),
        ("es", "El 3 oct. 26 y el 4.", "El 3 de octubre 26 y el 4"),
        ("it", "Il 3 ott. 26, alle 8.", "Il 3 ottobre 26, alle 8"),
        ("nl", "Op 3 okt. 26 en later.", "Op 3 oktober 26 en later"),
        ("sv", "Den 3 okt. 26 och sedan.", "Den 3 okt 26 och sedan"),
        ("fr", "Il vient le 3 oct. 26 personnes attendent.", "Il vient le 3 octobre.|26 personnes attendent"),
    ],
)
def test_years_of_two_digits_after_a_short_month(language: str, written: str, spoken: str) -> None:
    """A year with two digits continues the sentence, unless a noun follows the number."""
    assert said(language, written) == spoken
