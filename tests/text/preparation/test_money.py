"""Amounts of money are read with the name of the currency after the number."""

from pathlib import Path

import pytest

import wyoming_piper_serial
from tests.text.preparation.core_rules import prepared
from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.preparer import Preparer
from wyoming_piper_serial.text.sentences import SentenceSplitter

_DATA = Path(wyoming_piper_serial.__file__).parent / "text" / "data"
_LANGUAGES = sorted(file.stem for file in _DATA.glob("??.json"))


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("fi", "5,99 €", "5,99 euroa"),
        ("fi", "€5,99", "5,99 euroa"),
        ("fi", "1 €", "1 euro"),
        ("fi", "-5 €", "miinus 5 euroa"),
        ("fi", "€ -5", "miinus 5 euroa"),
        ("sv", "100 kr", "100 kronor"),
        ("da", "1.234,50 kr.", "1234,50 kroner."),
        ("da", "5 kr. mere", "5 kroner mere"),
        ("cs", "1 Kč, 2 Kč, 5 Kč", "1 koruna, 2 koruny, 5 korun"),
        ("uk", "5 грн 45%", "5 гривень 45 відсотків"),
        ("hi", "₹500", "500 रुपए"),
        ("hu", "1 000 Ft", "1000 forint"),
        ("fi", "5 USD ja USD 5", "5 dollaria ja 5 dollaria"),
        ("fi", "0.30 €/kWh", "0,30 euroa kilowattitunnilta"),
        ("ca", "5 milions €", "5 milions d'euros"),
        ("uk", "5 млн грн", "5 мільйонів гривень"),
        (
            "sv",
            "5 milj. kr, 2 mdkr, 3 mnkr, 4 tkr",
            "5 miljoner kronor, 2 miljarder kronor, 3 miljoner kronor, 4 tusen kronor",
        ),
        ("sv", "1 MSEK", "1 miljon kronor"),
        ("sv", "5 t kr", "5 t kr"),
        ("da", "3 mio. kr., 2 mia.kr., 4 t.kr.", "3 millioner kroner, 2 milliarder kroner, 4 tusind kroner."),
        ("no", "4 mill. kr, 5 MNOK", "4 millioner kroner, 5 millioner kroner"),
        ("nl", "€ 2 mln, €5M, 2 mrd. €", "2 miljoen euro, 5 miljoen euro, 2 miljard euro"),
        ("fi", "5 M€, 3 t€, 2 k€", "5 miljoonaa euroa, 3 tuhatta euroa, 2 tuhatta euroa"),
        ("hu", "5 M Ft, 3 ezer Ft, 4 eFt", "5 millió forint, 3 ezer forint, 4 ezer forint"),
        ("cs", "5 mil. €/rok, 3 tisíce Kč", "5 milionů eur za rok, 3 tisíce korun"),
        ("de", "3 Tsd. €, 5 TEUR", "3 Tausend Euro, 5 Tausend Euro"),
        ("hi", "5 M€", "5 M€"),
        ("sv", "A$ 5", "5 australiska dollar"),
        ("sv", "50 US-$, US$50, U$S 50", "50 dollar, 50 dollar, 50 dollar"),
        ("sv", "5 NZ$, 5 CA$, 5 AU$", "5 nyzeeländska dollar, 5 kanadensiska dollar, 5 australiska dollar"),
        ("fr", "50 US", "50 US"),
        ("nl", "€ 5 mln", "5 miljoen euro"),
        ("sv", "5 XYZ", "5 XYZ"),
        ("sv", "5 €/person", "5 euro per person"),
        ("uk", "4 грн/кВт·год", "4 гривні за кіловат-годину"),
        ("ro", "0,85 lei/kWh, 20 lei", "0,85 lei pe kilowatt-oră, 20 de lei"),
        ("de", "32,5 ct/kWh, 32 Cent/kWh", "32,5 Cent pro Kilowattstunde, 32 Cent pro Kilowattstunde"),
        ("sv", "12 öre/kWh", "12 öre per kilowattimme"),
        ("uk", "5 грн/людину", "5 гривень за людину"),
        ("sv", "5 €/ab", "5 €/ab"),
        ("fi", "5,- €", "5 euroa"),
        ("fi", "€ 5,–", "5 euroa"),
        ("sv", "1.2.3.4 €", "1.2.3.4 €"),
        ("sv", "1,2,3 €", "1,2,3 €"),
        ("sv", "US$ 5", "5 dollar"),
        ("sv", "EUR/USD 5", "EUR/USD 5"),
        ("es_MX", "$25 MXN", "25 pesos"),
        ("es_MX", "US$ 20 USD", "20 dólares"),
        ("es_MX", "Van $ -25 CAD", "Van menos 25 dólares canadienses"),
        ("en", "$25 CAD", "25 Canadian dollars"),
        ("fi", "€ 5 EUR", "5 euroa"),
        ("fi", "$ 5 XYZ", "5 dollaria XYZ"),
    ],
)
def test_amount_is_read_with_its_currency(language: str, written: str, spoken: str) -> None:
    """The currency sign or code may precede or follow the number."""
    assert prepared(written, language) == spoken


@pytest.mark.parametrize("language", _LANGUAGES)
def test_currency_follows_every_scale(language: str) -> None:
    """In all languages, a currency sign after a word such as "million" or its abbreviation is read, also for 1, and the
    dot of the abbreviation does not end the sentence."""
    data, preparer = Locale.of(language).data, Preparer(language)
    for scale in (*data["scales"], *data["short_scales"]):
        for number in ("1", "2", "5", "2,5"):
            text = f"+ {number} {scale} € +"
            [sentence] = list(SentenceSplitter(TextSettings(), language).feed(text)) or [text]
            spoken = preparer.prepare(sentence).text
            assert "€" not in spoken, (text, spoken)
