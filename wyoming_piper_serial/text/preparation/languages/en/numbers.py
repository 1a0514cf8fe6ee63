"""English words for whole numbers, ordinals, years and single digits."""

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def cardinal(number: int, *, joint: str = "") -> str:
    """Returns a number from 0 to 10^15 - 1 in words. `joint` is the word after the hundreds, such as `and` in British
    English, or empty.
    """
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return f"{_TENS[tens]} {_SMALL[ones]}" if ones else _TENS[tens]
    scale, name = next(one for one in _SCALES if number >= one[0])
    count, rest = divmod(number, scale)
    words = f"{cardinal(count, joint=joint)} {name}"
    if not rest:
        return words
    between = f" {joint} " if joint and rest < 100 else " "
    return words + between + cardinal(rest, joint=joint)


def ordinal(number: int, *, joint: str = "") -> str:
    """Returns an ordinal in words, such as `twenty first`. Takes the same arguments as `cardinal`."""
    head, space, last = cardinal(number, joint=joint).rpartition(" ")
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return head + space + last


def plural(word: str) -> str:
    """Returns the plural of a number in words, such as `nineties` or `twos`."""
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith("x") else "s")


def digits(text: str) -> str:
    """Returns the names of the digits in `text`. Other characters are ignored."""
    return " ".join(_SMALL[int(one)] for one in text if one.isdecimal())


def pair(number: int) -> str:
    """Returns the words for the last two digits of a year or a room number: `oh five`, `hundred` or `twenty four`."""
    if not number:
        return "hundred"
    return f"oh {_SMALL[number]}" if number < 10 else cardinal(number)


def year(number: int, *, joint: str = "") -> str:
    """Returns a year from 1 to 9999 in words. Takes the same arguments as `cardinal`."""
    century, rest = divmod(number, 100)
    if century < 10 or (century % 10 == 0 and rest < 10):
        return cardinal(number, joint=joint)
    return f"{cardinal(century)} {pair(rest)}"


def decade(number: int) -> str:
    """Returns a decade in words, such as `nineteen nineties` for 1990 or `nineties` for 90."""
    if number < 100:
        return plural(cardinal(number)) if number else "two thousands"
    if number % 1000 == 0:
        return plural(cardinal(number))
    head, _, last = year(number).rpartition(" ")
    return f"{head} {plural(last)}"
