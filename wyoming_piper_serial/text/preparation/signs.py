"""Builds the rules of a language for signs between and before numbers and letters."""

from collections.abc import Callable
from typing import NamedTuple

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE, START
from wyoming_piper_serial.text.preparation.passage import INNER_DASHES, Match, Needs, Rule

_HAN = lazy(r"\p{Han}")


class Signs(NamedTuple):
    """The words of a language for signs. A sign whose word is empty is left to espeak-ng."""

    times: str
    minus: str
    squared: str
    cubed: str
    power: str
    """The words between the base and the exponent, as in `2^10`. `{}` stands for the exponent if words follow it."""

    less: str
    greater: str
    about: str
    number: str
    fold: str = ""
    """The word for `x` in `4x faster`, or empty if it is `times`."""

    equals: str = ""
    plus: str = ""
    conjunction: str = ""
    """The word for `&`."""

    root: str = ""
    unequal: str = ""
    plus_minus: str = ""
    at_most: str = ""
    at_least: str = ""
    divided: str = ""
    section: str = ""
    """The word for `§`."""


def signs(say: Signs) -> list[Rule]:
    """Returns rules that read signs between and before numbers and letters."""
    term = r"[\p{L}\p{N}]"
    left, right = rf"(?<=(?:{term}|[)²³%]){SPACE}?)", rf"(?={SPACE}?(?:{term}|[(√−-]))"
    # A number or a single letter directly beside a sign that also has a meaning in code and markup.
    first, second = r"(?<=[0-9)]|(?<![\p{L}\p{N}_.<&?-])\p{L})", r"(?=[0-9(]|\p{L}(?![\p{L}\p{N}_>]|\.\w))"
    # Parameters of an address, such as `?page=1&lang=en`.
    no_parameter = r"(?<![?&]\w{1,20})"
    # A variable or a number, but not a unit such as m².
    power = rf"(?<=[0-9)]|(?<![\p{{L}}\p{{N}}/]|[0-9]{SPACE})[a-ln-zA-LN-Zα-ωа-яА-Я])"
    # Earlier rules may have replaced the next sign with a word, as in `2x minus 3`.
    operators = "|".join(filter(None, (say.minus, say.plus, say.equals, say.times, say.at_least, say.at_most)))
    words: list[tuple[Needs, str, str]] = [
        ("×✕*xXхХ", rf"(?<=[0-9)]){SPACE}?(?:[×✕*]|(?<!(?<![0-9])0)[xXхХ]){SPACE}?(?=[0-9(])", say.times),
        ("×", rf"{left}×{right}", say.times),
        ("x×", rf"(?<={START}[0-9]{{1,4}})[x×](?={SPACE}(?!{operators})\p{{L}})", say.fold or say.times),
        ("x×", rf"(?<={START}[0-9]{{1,4}}){SPACE}[x×](?={SPACE}(?!{operators})\p{{Ll}}{{2}})", say.fold or say.times),
        (INNER_DASHES, rf"(?<=[0-9)]){SPACE}[-−–]{SPACE}(?=[0-9(])", say.minus),
        (INNER_DASHES, rf"(?<=[0-9)²³]|[0-9][a-z])(?:[-−](?=[0-9]{{1,7}}{SPACE}?=)|−(?=[0-9]))", say.minus),
        (INNER_DASHES, rf"(?<=[\p{{L}})²³]{SPACE})[-−](?={SPACE}(?:{term}|[(√])[^\n]{{0,40}}=)", say.minus),
        ("=", rf"{left}{no_parameter}(?<!=)=(?!=){right}", say.equals),
        ("+", rf"{left}\+{right}", say.plus),
        ("²", f"{power}²", say.squared),
        ("³", f"{power}³", say.cubed),
        ("<", rf"(?<=(?:{term}|[)²³%]){SPACE})<=(?={SPACE}(?:{term}|[(√−-]))", say.at_most),
        (">", rf"(?<=(?:{term}|[)²³%]){SPACE})>=(?={SPACE}(?:{term}|[(√−-]))", say.at_least),
        ("!", rf"(?<=(?:{term}|[)²³%]){SPACE})!=(?={SPACE}(?:{term}|[(√−-]))", say.unequal),
        ("<", rf"(?<=(?:{term}|[)²³%]){SPACE})<(?={SPACE}(?:{term}|[(√−-]))|{first}<{second}", say.less),
        (">", rf"(?<=(?:{term}|[)²³%]){SPACE})>(?={SPACE}(?:{term}|[(√−-]))|{first}>{second}", say.greater),
        ("~≈", rf"(?<![\p{{L}}\p{{N}}])[~≈]{SPACE}?(?=[0-9])", say.about),
        ("#", r"(?<![\p{L}\p{N}#&])#(?=[0-9])", say.number),
        ("&", rf"(?<={term}{SPACE}?)&(?!\w{{1,20}}=)(?={SPACE}?{term})", say.conjunction),
        ("√", rf"√(?={SPACE}?(?:{term}|\())", say.root),
        ("≠≢", rf"{left}[≠≢]{right}", say.unequal),
        ("±", rf"±(?={SPACE}?[0-9])", say.plus_minus),
        ("≤", rf"≤{right}", say.at_most),
        ("≥", rf"≥{right}", say.at_least),
        ("÷", rf"{left}÷{right}", say.divided),
        ("§", rf"§(?={SPACE}?[0-9])", say.section),
    ]
    return [
        _powers(say),
        *(Rule(lazy(pattern), _spaced(word), needs) for needs, pattern, word in words if word),
    ]


def _powers(say: Signs) -> Rule:
    """Returns the rule for `^` between a number or variable and its exponent, as in `2^10`, `x^n` and `10^-3`."""
    base = r"(?<=[0-9)]|(?<![\p{L}\p{N}_])\p{L})"
    number = r"[0-9]{1,9}(?![0-9^]|[.,][0-9])"
    exponent = rf"(?P<sign>[-−])?(?P<exponent>{number}|\p{{L}}(?![\p{{L}}\p{{N}}_]))(?P<minus>[-−](?=[0-9]))?"

    def replace(match: Match) -> str:
        number = f"{say.minus} {match['exponent']}" if match["sign"] else match["exponent"]
        if not match["sign"] and match["exponent"] in ("2", "3"):
            words = say.squared if match["exponent"] == "2" else say.cubed
        else:
            words = say.power.replace("{}", number) if "{}" in say.power else f"{say.power} {number}"
        if match["minus"]:
            words = f"{words} {say.minus} "
        return words if _HAN.match(words) else f" {words}"

    return Rule(lazy(rf"{base}\^{exponent}"), replace, "^")


def _spaced(word: str) -> Callable[[Match], str]:
    def replace(match: Match) -> str:
        if _HAN.match(word):
            return word
        before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
        return (
            (" " if before and (before.isalnum() or before in ")²³%") else "")
            + word
            + (" " if after and after.isalnum() else "")
        )

    return replace
