"""French rules for telephone numbers and other fixed forms."""

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import END, SPACE, START
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule, has_digits


def telephone_rules() -> list[Rule]:
    """Returns the rules for telephone numbers without spaces between their groups."""
    # The groups of a French telephone number are read as two-digit numbers.
    joined = rf"{START}0[1-9](?:[0-9]{{2}}){{4}}{END}"
    dashed = rf"{START}0[1-9](?:[-/.][0-9]{{2}}){{4}}{END}"

    def replace(match: Match) -> str:
        digits = regex.sub("[^0-9]", "", match[0])
        return " ".join(digits[at : at + 2] for at in range(0, len(digits), 2))

    return [Rule(lazy(pattern), replace, has_digits(10)) for pattern in (joined, dashed)]


def fixed_form_rules() -> list[Rule]:
    """Returns the rules for `24h/24`, `7j/7`, heights such as `1m80`, and `4x4`."""
    always = rf"{START}(?:24{SPACE}?(?:h|heures)/24|7{SPACE}?(?:j|jours)/7){END}"
    height = rf"{START}(?P<meters>[0-9])m(?P<centimeters>[0-9]{{2}}){END}"

    def say_height(match: Match) -> str:
        return f"{match['meters']} mètre{'s' if match['meters'] > '1' else ''} {match['centimeters']}"

    return [
        Rule(lazy(always), lambda match: "24 heures sur 24" if match[0][0] == "2" else "7 jours sur 7", COUNTS),
        Rule(lazy(height), say_height, COUNTS),
        Rule(lazy(rf"{START}4x4{END}"), lambda _: "quatre quatre", COUNTS),
    ]
