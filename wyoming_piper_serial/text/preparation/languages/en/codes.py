"""English rules for numbers that are read digit by digit or in pairs, such as telephone, flight and room numbers."""

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.languages.en.acronyms import spelled
from wyoming_piper_serial.text.preparation.languages.en.context import counts, table, text_after, text_before
from wyoming_piper_serial.text.preparation.languages.en.numbers import cardinal, digits, pair
from wyoming_piper_serial.text.preparation.passage import COUNTS, INNER_DASHES, Match, Rule, has_digits

_GROUPS = lazy(r"\d+")
# Group lengths of American telephone numbers, social security numbers and payment card numbers.
_SHAPES = frozenset(((3, 3, 4), (1, 3, 3, 4), (3, 2, 4), (4, 4, 4, 4), (4, 6, 5)))
_RUNS = lazy(r"\d+|\D+")
_LETTERS_AND_NUMBERS = lazy(r"\d+|\p{L}")
_CALLS = lazy(
    r"\b(?:call|calls|called|calling|dial|dialed|phone|telephone|tel|mobile|cell|fax|text|sms|number|whatsapp|hotline)"
    r"\b\.?(?:\s(?:number|me|us|him|her|them|is|at|on|to|or|\d{3}|\d\s\d\s\d)){0,3}:?\s\Z",
    regex.IGNORECASE,
)
_CODE = lazy(
    r"\b(?:pin|passcode|password|passphrase|code|codes|zip|postcode|account|extension|ext|flight|tracking|serial|reference"
    r"|ref|confirmation|combination|otp|imei|iban|isbn|ssn)\b\.?"
    r"(?:\s(?:number|no\.|code|is|was|are|to|the|and|or|with|now|set|changed|:)){0,4}[:#]?\s?#?\Z",
    regex.IGNORECASE,
)
_LAST_DIGITS = lazy(
    r"\b(?:(?:card|account|number|phone|visa|mastercard|amex)\s(?:\p{L}{2,12}\s)?ending\s(?:in|with)"
    r"|last\s(?:four|4|three|3)\sdigits(?:\s(?:are|is)|:)?)\s\Z",
    regex.IGNORECASE,
)
_IDENTIFIER = lazy(
    r"\b(?:order|invoice|ticket|case|number|id|identifier|model|part|product|member|customer|patient|bug|issue|no\.)"
    r"(?:\s(?:number|no\.|id|code|is|was)){0,2}[:#]?\s?#?\Z",
    regex.IGNORECASE,
)
_PLACE = lazy(
    r"\b(?:room|rooms|suite|apartment|apt\.?|flat|gate|locker|route|highway|hwy\.?|interstate|bus|channel"
    r"|boeing|porsche|peugeot|error|area code|chapter|unit)\s\Z",
    regex.IGNORECASE,
)
_STREETS = r"(?:St|Street|Ave|Avenue|Rd|Road|Blvd|Boulevard|Dr|Drive|Ln|Lane|Way|Ct|Court|Pl|Place|Hwy|Pkwy|Parkway)"
_STATES = table(
    "AL=Alabama AK=Alaska AZ=Arizona AR=Arkansas CA=California CO=Colorado CT=Connecticut DC=D_C DE=Delaware FL=Florida"
    " GA=Georgia HI=Hawaii ID=Idaho IL=Illinois IN=Indiana IA=Iowa KS=Kansas KY=Kentucky LA=Louisiana ME=Maine"
    " MD=Maryland MA=Massachusetts MI=Michigan MN=Minnesota MS=Mississippi MO=Missouri MT=Montana NE=Nebraska"
    " NV=Nevada NH=New_Hampshire NJ=New_Jersey NM=New_Mexico NY=New_York NC=North_Carolina ND=North_Dakota OH=Ohio"
    " OK=Oklahoma OR=Oregon PA=Pennsylvania PR=Puerto_Rico RI=Rhode_Island SC=South_Carolina SD=South_Dakota"
    " TN=Tennessee TX=Texas UT=Utah VT=Vermont VA=Virginia WA=Washington WV=West_Virginia WI=Wisconsin WY=Wyoming"
)


def _grouped(text: str) -> str:
    return ", ".join(digits(group) for group in _GROUPS.findall(text))


def _telephone(match: Match) -> str | None:
    written = match[0]
    groups = _GROUPS.findall(written)
    lengths = tuple(len(group) for group in groups)
    count = sum(lengths)
    if written[0] == "+":
        return f"plus {_grouped(written)}" if 7 <= count <= 15 else None
    is_number = (
        (written[0] == "(" and 3 <= lengths[0] <= 5 and count >= 7)
        or lengths in _SHAPES
        or (written[0] == "0" and 9 <= count <= 14 and len(groups[0]) >= 3)
        or (lengths == (3, 4) and "-" in written and (groups[0] == "555" or _CALLS.search(text_before(match, 40))))
        or (count >= 7 and _CALLS.search(text_before(match, 40)))
        or (lengths == (3, 4) and "-" in written and int(groups[1]) % 50 and not counts(text_after(match)))
        or (lengths == (2, 2, 2) and _CODE.search(text_before(match, 40)))
        or (len(groups) == 5 and groups[0] in ("978", "979") and count == 13)
    )
    return _grouped(written) if is_number else None


def _room(text: str) -> str:
    """Returns a number of three or four digits in pairs, such as `one oh one` or `fourteen oh eight`."""
    head, rest = int(text[:-2]), int(text[-2:])
    if not rest and head % 10 == 0:
        return cardinal(int(text))
    return f"{cardinal(head)} {pair(rest)}"


def _number(match: Match) -> str | None:
    text, before = match[0], text_before(match, 40)
    if len(text) >= 11 or text[0] == "0":
        return digits(text)
    if _PLACE.search(before) and 3 <= len(text) <= 4:
        return _room(text)
    if len(text) >= 3 and any(kind.search(before) for kind in (_CODE, _CALLS, _LAST_DIGITS)):
        return digits(text)
    if len(text) >= 5 and _IDENTIFIER.search(before):
        return digits(text)
    return None


def _numbered(match: Match) -> str:
    return f"number {digits(match[1]) if len(match[1]) >= 4 or match[1][0] == '0' else match[1]}"


def _flight(match: Match) -> str:
    return f"{spelled(match[1])} {digits(match[2])}"


def _identifier(match: Match) -> str:
    parts = _RUNS.findall(match[0])
    return " ".join(digits(part) if part[0].isdecimal() else spelled(part) for part in parts)


def _zip(match: Match) -> str | None:
    state = _STATES.get(match["state"])
    if state is None:
        return None
    rest = f", {digits(match['rest'])}" if match["rest"] else ""
    return f"{state}{match['space']}{digits(match['zip'])}{rest}"


def _postcode(match: Match) -> str:
    return " ".join("eigh" if one == "A" else one for one in _LETTERS_AND_NUMBERS.findall(match[0]))


def telephone_rules() -> list[Rule]:
    """Returns the rules for telephone numbers and postal codes after a state. They are applied before the rules for
    dates.
    """
    return [
        # The extension of a telephone number, as in `555-123-4567 x12`.
        Rule(lazy(r"x(?<=\d{3}[\s.–-]\d{4},?\sx)(?=\d{1,6}(?![\w-]|[.,]\d))"), lambda _: "extension ", "x"),
        Rule(
            lazy(
                r"(?<![\w.,:/$€£+-])(?:\+\d{1,4}|\(\+?\d{1,5}\)|\d{1,5})(?:(?:[\s.–-]|(?<=\)))\(?\d{1,6}\)?){1,6}+"
                r"(?![\w:/%°-]|[.,]\d)|(?<![\w.])\+\d{8,15}\b"
            ),
            _telephone,
            has_digits(2),
        ),
        Rule(
            lazy(r"\b(?<state>\p{Lu}{2})(?<space>,?\s)(?<zip>\d{5})(?:-(?<rest>\d{4}))?(?![\w-]|[.,]\d)"), _zip, COUNTS
        ),
    ]


def rules() -> list[Rule]:
    """Returns the rules for postcodes, flight, room and house numbers, and other codes. They are applied after the
    rules for dates and times.
    """
    return [
        Rule(lazy(r"#\s?(\d++)(?![\w-]|[.,]\d)"), _numbered, "#"),
        # British postcodes, whose last two letters are never C, I, K, M, O or V, and Canadian postcodes.
        Rule(
            lazy(
                r"(?<![\w-])(?:\p{Lu}{1,2}\d{1,2}\p{Lu}?\s\d(?!GB|HP|HZ|PB|TB)[ABD-HJLNP-UW-Z]{2}|\p{Lu}\d\p{Lu}\s\d\p{Lu}\d)(?![\w-])"
            ),
            _postcode,
            COUNTS,
        ),
        # Single digits with hyphens, such as the emergency number 9-1-1 or the formation 4-3-3, but not dates.
        Rule(
            lazy(r"(?<![\w.,:/$€£+-])\d(?:-\d){2,4}+(?![\w:/%°-]|[.,]\d)"),
            lambda match: match[0].replace("-", " "),
            INNER_DASHES,
        ),
        Rule(lazy(r"(?<=\b[Ff]lights?\s)(\p{Lu}{2})[\s-]?(\d{1,4})\b"), _flight, COUNTS),
        Rule(lazy(r"(?<![\w-])((?!PM|FY)\p{Lu}{2})(\d{3,4})(?![\w-]|[.,]\d)"), _flight, COUNTS),
        Rule(
            lazy(r"(?<![\w.-])(?=[\p{Lu}\d]{0,20}\p{Lu})(?=[\p{Lu}\d]{0,20}\d{5})[\p{Lu}\d]{7,40}+(?![\w-])"),
            _identifier,
            COUNTS,
        ),
        Rule(
            lazy(rf"(?<![\w.,:/$€£#-])[1-9]\d{{2,3}}(?=\s(?:[NSEW]\.?\s)?(?:\p{{Lu}}\p{{L}}++\s){{1,3}}{_STREETS}\b)"),
            lambda match: _room(match[0]),
            COUNTS,
        ),
        Rule(
            lazy(r"(?<![\w.,:/$€£¥°%+–'’-]|[-–]\s?|\d\s)\d{2,}+(?![\w:/%°$€£-]|[.,]\d|\s(?:hours|hrs)\b)"),
            _number,
            has_digits(2),
        ),
    ]
