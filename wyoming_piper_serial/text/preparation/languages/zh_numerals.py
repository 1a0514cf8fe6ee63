"""Converts numbers to Chinese numerals."""

DIGITS = "零一二三四五六七八九"
_SMALL_PLACES = ("", "十", "百", "千")
_LARGE_PLACES = ("", "万", "亿", "万亿")


def digits(text: str) -> str:
    """Returns the numerals of the individual digits in `text`, such as `二零二四` for `2024`."""
    return "".join(DIGITS[int(digit)] for digit in text if digit.isdigit())


def cardinal(number: int) -> str:
    """Returns the numeral for a number from 0 to 9 999 999 999 999 999. Raises ValueError for a larger number."""
    if number >= 10 ** (4 * len(_LARGE_PLACES)):
        raise ValueError(number)
    if number == 0:
        return DIGITS[0]
    text = ""
    gap = False  # whether the previous group is zero; consecutive zeros are read only once
    for place in range(len(_LARGE_PLACES) - 1, -1, -1):
        group = number // 10 ** (4 * place) % 10_000
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += DIGITS[0]
        text += _below_ten_thousand(group) + _LARGE_PLACES[place]
        gap = False
    if text.startswith("一十"):
        return text[1:]
    return f"两{text[1:]}" if text.startswith(("二千", "二万", "二亿")) else text


def decimal(text: str) -> str:
    """Returns the numeral for a decimal number, such as `二十一点五` for `21.5`.

    Raises ValueError if the integer part is too large for `cardinal`.
    """
    integer, _, fraction = text.partition(".")
    return cardinal(int(integer or "0")) + (f"点{digits(fraction)}" if fraction else "")


def _below_ten_thousand(number: int) -> str:
    text = ""
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += DIGITS[digit] + _SMALL_PLACES[place]
        elif text and not text.endswith(DIGITS[0]) and number % 10**place:
            text += DIGITS[0]
    return text
