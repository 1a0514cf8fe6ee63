"""Chinese rules for signs in formulas and before numbers."""

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE
from wyoming_piper_serial.text.preparation.languages.zh_numerals import cardinal
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule
from wyoming_piper_serial.text.preparation.signs import Signs, signs

# The position before a number. Chinese has no spaces between words, so only a Latin letter or digit continues a number.
START = r"(?<![A-Za-z0-9_/]|[0-9][.,:]|[A-Za-z0-9][-‐‑–—−])"
_SIGNS = Signs(
    times="乘以",
    minus="减",
    squared="的平方",
    cubed="的立方",
    power="的{}次方",
    less="小于",
    greater="大于",
    about="约",
    number="第",
    equals="等于",
    plus="加",
    conjunction="和",
    root="根号",
    unequal="不等于",
    plus_minus="正负",
    at_most="小于等于",
    at_least="大于等于",
    divided="除以",
)


def sign_rules() -> list[Rule]:
    """Returns the rules for signs, which also read the numbers beside some of the signs."""
    base = r"(?<=[0-9)]|(?<![\p{Latin}\p{N}_])\p{Latin})"
    power = rf"{base}\^(?P<sign>[-−])?(?P<exponent>[0-9]{{1,9}})(?![0-9^]|[.,][0-9])(?P<minus>[-−](?=[0-9]))?"
    return [
        Rule(lazy(r"(?<=PM)2\.5(?![A-Za-z0-9])"), lambda _: "二点五", COUNTS),
        Rule(
            lazy(r"(?<![\p{L}\p{N}#&])#(?P<number>[0-9]{1,6})(?![0-9])"),
            lambda match: cardinal(int(match["number"])) + "号",
            "#",
        ),
        Rule(
            lazy(rf"{START}(?P<number>[0-9]{{1,4}})[x×](?={SPACE}?(?![零一二三四五六七八九十百千万两])\p{{Han}})"),
            lambda match: cardinal(int(match["number"])) + "倍",
            COUNTS,
        ),
        Rule(lazy(r"(?<![0-9约]\s?)[~～](?=[0-9])"), lambda _: "约", "~～"),
        Rule(lazy(r"(?<=约\s?)[~～](?=[0-9])"), lambda _: "", "~～"),
        Rule(lazy(power), _power, "^"),
        *signs(_SIGNS),
    ]


def _power(match: Match) -> str:
    minus = _SIGNS.minus if match["minus"] else ""
    if match["exponent"] in ("2", "3") and not match["sign"]:
        return (_SIGNS.squared if match["exponent"] == "2" else _SIGNS.cubed) + minus
    return _SIGNS.power.replace("{}", f"{'负' if match['sign'] else ''}{cardinal(int(match['exponent']))}") + minus
