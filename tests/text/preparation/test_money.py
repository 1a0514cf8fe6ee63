"""Amounts of money are read with the name of the currency after the number."""

import pytest

from tests.text.preparation.core_rules import prepared


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
