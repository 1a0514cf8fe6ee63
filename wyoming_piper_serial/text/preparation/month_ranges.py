"""Builds the rule for ranges of months, at least one of which may be abbreviated, as in `Jan.–März`."""

from collections.abc import Callable, Mapping, Sequence

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import DASH, SPACE, any_of, capitalized_as
from wyoming_piper_serial.text.preparation.conditions import has_beginning
from wyoming_piper_serial.text.preparation.passage import Match, Rule
from wyoming_piper_serial.text.preparation.quantities import with_end

Range = Callable[[int, int, str, Match], str]


def month_ranges(months: Sequence[str], short: Mapping[str, int], words: str, say: Range) -> Rule:
    """Returns the rule for ranges of months with a dash or one of `words` between them.

    `months` contains the full names. `short` maps abbreviations without a dot to numbers from 1. `words` is a pattern.
    `say` receives the numbers of both months, the year, which may be empty, and the match. Its group `word` is the word
    between the months, or `None`. Such a range is rewritten only if one of the months has a dot.
    """
    numbers = {name: number for number, name in enumerate(months, start=1)} | dict(short)
    numbers |= {capitalized_as("A", name): number for name, number in numbers.items()}
    name = any_of(numbers)
    # After a number, the first month belongs to a date.
    start = rf"(?<![\p{{L}}\p{{N}}_/-]|[0-9]\.?{SPACE}?)"
    between = rf"(?:{SPACE}?{DASH}{SPACE}?|{SPACE}(?P<word>{words.replace(' ', SPACE)}){SPACE})"
    year = rf"(?:{SPACE}(?P<year>[12][0-9]{{3}})(?![\p{{L}}\p{{N}}_]|[.,:/-][0-9]))?"
    pattern = (
        rf"{start}(?P<first>{name})(?P<dot>\.)?{between}(?P<last>{name})"
        rf"(?:(?P<last_dot>\.)|(?![\p{{L}}\p{{N}}_'’-])){year}"
    )

    def replace(match: Match) -> str | None:
        is_dotted = (match["dot"] and match["first"] in short) or (match["last_dot"] and match["last"] in short)
        if match["word"] and not is_dotted:
            return None
        return with_end(match, say(numbers[match["first"]], numbers[match["last"]], match["year"] or "", match))

    return Rule(lazy(pattern), replace, has_beginning(numbers, 3))


def joined_months(months: Sequence[str], to: str, *, of: str = "") -> Range:
    """Returns the words for a range: both months with `to` between them, and the year after `of`."""

    def say(first: int, last: int, year: str, match: Match) -> str:
        word = "tot en met" if match["word"] == "t/m" else match["word"] or to
        words = f"{months[first - 1]} {word} {months[last - 1]}"
        return f"{words}{f' {of}' if of else ''} {year}" if year else words

    return say
