"""English rules for amounts of money with a currency sign or code."""

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.conditions import follows_number
from wyoming_piper_serial.text.preparation.languages.en.context import is_attribute, text_after, text_before
from wyoming_piper_serial.text.preparation.languages.en.numbers import cardinal
from wyoming_piper_serial.text.preparation.languages.en.units import Units
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import DIGITS, Match, Rule, has_digits

# The singular and plural of each currency and of its subunit, such as the cent.
_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₩": ("won", "won", "", ""),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
    "₺": ("lira", "lira", "kuruş", "kuruş"),
    "₪": ("shekel", "shekels", "agora", "agorot"),
    "₱": ("peso", "pesos", "centavo", "centavos"),
    "₴": ("hryvnia", "hryvnias", "kopiyka", "kopiykas"),
    "₫": ("dong", "dong", "", ""),
    "₿": ("bitcoin", "bitcoins", "", ""),
}
_COUNTRIES = {
    "US": "US ",
    "CA": "Canadian ",
    "C": "Canadian ",
    "A": "Australian ",
    "AU": "Australian ",
    "NZ": "New Zealand ",
    "HK": "Hong Kong ",
    "S": "Singapore ",
    "MX": "Mexican ",
    "R": "Brazilian ",
}
# Currencies whose amounts are read with subunits such as cents: the currency sign, and the adjective that distinguishes
# the currency from others with the same sign.
_CODES = {
    "USD": ("$", ""),
    "CAD": ("$", "Canadian "),
    "AUD": ("$", "Australian "),
    "NZD": ("$", "New Zealand "),
    "HKD": ("$", "Hong Kong "),
    "SGD": ("$", "Singapore "),
    "GBP": ("£", ""),
    "EUR": ("€", ""),
    "INR": ("₹", ""),
}
_MAGNITUDES = {"k": "thousand", "m": "million", "b": "billion", "t": "trillion"}
_MAGNITUDE = r"(?:\s?(?:k|K|M|MM|mn|mm|B|bn|b|T|tn|m)(?!\w)|[\s-](?:hundred|thousand|million|billion|trillion)(?!\w))"
_AMOUNT = r"(?:\d{1,3}(?:,\d{3})++|\d{1,15}+)"


def _magnitude(written: str) -> str:
    word = written.strip(" \u00a0\u202f-")
    return f" {word if len(word) > 2 else _MAGNITUDES[word[0].lower()]}" if word else ""


class _Money:
    """Reads amounts of money in the style of one region."""

    def __init__(self, locale: Locale, units: Units) -> None:
        self._units = units
        self._british = locale.region not in ("", "US")

    def amount(self, match: Match) -> str:
        one, many, part, _ = _CURRENCIES[match["symbol"]]
        country = _COUNTRIES.get(match["country"] or "", "")
        number, fraction = match["number"] or "0", match["fraction"] or ""
        magnitude = _magnitude(match["magnitude"] or "")
        minus = "minus " if match["minus"] else "plus " if match["plus"] else ""
        if match["last"]:
            first = number + ("." + fraction if fraction else "") + magnitude
            return f"{minus}{first} to {match['last']}{_magnitude(match['last_magnitude'] or '')} {country}{many}"
        whole = int(number.replace(",", ""))
        if len(fraction) == 2 and part and not magnitude:
            return minus + self._with_parts(number, whole, int(fraction), match["symbol"], country) + self._per(match)
        if fraction:
            number += "." + fraction
        is_one = whole == 1 and not fraction and not magnitude
        describes = is_attribute(text_before(match, 30), text_after(match, 30))
        name = one if is_one or describes else many
        return f"{minus}{number}{magnitude} {country}{name}" + self._per(match)

    def _with_parts(self, number: str, whole: int, fraction: int, symbol: str, country: str) -> str:
        one, many, part, parts = _CURRENCIES[symbol]
        cents = f"{cardinal(fraction)} {part if fraction == 1 else parts}"
        if not whole and fraction:
            return cents
        amount = f"{number} {country}{one if whole == 1 else many}"
        if not fraction:
            return amount
        if self._british and symbol == "£" and fraction >= 10:
            return f"{amount} {cardinal(fraction)}"
        return f"{amount} and {cents}"

    def named(self, match: Match) -> str:
        """Returns the spoken form of an amount with two decimals and a currency code or name, such as `25.50 USD`."""
        written = (match["code"] or match["code_behind"]).upper()
        symbol, country = _CODES[{"DOLLARS": "USD", "EUROS": "EUR", "€": "EUR"}.get(written, written)]
        number, fraction = match["number"], int(match["fraction"])
        minus = "minus " if match["minus"] else ""
        return minus + self._with_parts(number, int(number.replace(",", "")), fraction, symbol, country)

    def _per(self, match: Match) -> str:
        unit = match["unit"]
        if not unit:
            return f" per {match['word']}" if match["word"] else ""
        return f" per {self._units.name(unit, is_plural=False)}"

    def cents(self, match: Match) -> str | None:
        number, sign = match["number"], match["sign"]
        if sign == "p" and not self._british:
            return None
        one, many = ("cent", "cents") if sign == "¢" else ("penny", "pence")
        describes = sign == "¢" and is_attribute(text_before(match, 30), text_after(match, 30))
        return f"{number} {one if number == '1' or describes else many}" + self._per(match)


def _has_code(text: str) -> bool:
    return (
        "€" in text or "euros" in text.casefold() or "dollars" in text.casefold() or any(map(text.__contains__, _CODES))
    )


def rules(locale: Locale, units: Units) -> list[Rule]:
    """Returns the rules for money. They are applied before the rules for ranges and units."""
    money = _Money(locale, units)
    symbol = f"(?<symbol>[{''.join(_CURRENCIES)}])"
    per = rf"(?:\s?/\s?(?:(?<unit>{units.pattern})|(?<word>\p{{Ll}}{{2,20}}+)(?!\s?/))(?:\.(?=\s\p{{Ll}}))?)?"
    sign = r"(?:(?<![\w.)%])(?:(?<minus>[-−–])|(?<plus>\+)))?"
    fraction = rf"(?:\.(?<fraction>\d++))?(?<magnitude>{_MAGNITUDE})?"
    codes = "|".join(_CODES)
    last = rf"(?<last>{_AMOUNT}(?:\.\d++)?)(?<last_magnitude>{_MAGNITUDE})?(?![\w-])"
    return [
        Rule(
            lazy(
                rf"{sign}(?<![\w.])(?<country>US|CA|AU|NZ|HK|MX|[ACSR])?(?:(?<=US)[-\u2011\s]?)?{symbol}\s?(?:(?<minus>[-−]))?"
                rf"(?<number>{_AMOUNT}|(?=\.\d)){fraction}(?:\s?[-–]\s?(?P=symbol)?{last})?(?![\d,]*\d){per}"
            ),
            money.amount,
            (DIGITS, "".join(_CURRENCIES)),
        ),
        Rule(
            lazy(
                r"(?<![\w.,])(?:(?<number>\d{1,4}(?:\.\d{1,3})?)\s?(?<sign>¢)|(?<number>\d{1,2}(?:\.\d{1,3})?)(?<sign>p))(?!\w)"
                + per
            ),
            money.cents,
            (DIGITS, "¢p", follows_number("¢p")),
        ),
        Rule(
            lazy(
                rf"(?<![\w.,$£€]|[$£€]\s)(?:(?<code>{codes})\s?)?(?<minus>(?<![\w)%])[-−–])?(?<number>{_AMOUNT})\.(?<fraction>\d\d)"
                rf"(?(code)|\s?(?<code_behind>{codes}|€|(?i:dollars|euros)))(?![\w/]|\s?/|[.,]\d)"
            ),
            money.named,
            (".", has_digits(3), _has_code),
        ),
    ]
