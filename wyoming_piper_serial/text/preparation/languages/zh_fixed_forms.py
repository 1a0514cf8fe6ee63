"""Chinese rules for fixed forms: trains, plates, pages, generations, months of a year, and amounts per period."""

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE
from wyoming_piper_serial.text.preparation.languages.zh_numerals import cardinal, digits
from wyoming_piper_serial.text.preparation.languages.zh_signs import START
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule, has_digits

_PERIODS = "月|年|天|日|周|人|次|份|平|小时|分钟|分(?!之)|秒|公里|平方米|公斤|千克|台|件|个"


def fixed_form_rules() -> list[Rule]:
    """Returns the rules that run before all other Chinese rules."""
    train = r"(?<![A-Za-z0-9])(?P<letter>[GDCZTKYL])(?P<number>[0-9]{1,4})(?=次)"
    flight = rf"(?<=航班(?:号|：|:|是|为)?{SPACE}?)(?P<letter>[A-Z]{{2}})(?P<number>[0-9]{{3,4}})(?![A-Za-z0-9])"
    plate = r"(?<=\p{Han})(?P<letter>[A-Z])·?(?P<number>[0-9]{5})(?![A-Za-z0-9])"
    number = r"(?P<number>[0-9]{1,6})(?![0-9]|[.,][0-9])"
    last = "(?:[-–~～](?P<last>[0-9]{1,4}))?"
    page = rf"(?<![A-Za-z0-9])[Pp]{{1,2}}\.{SPACE}?(?P<first>[0-9]{{1,4}}){last}(?![A-Za-z0-9])"
    generation = rf"{START}(?P<number>[5-9][05]|0[05])(?=后(?![天来面半续台期排方卫]))"
    month = (
        rf"{START}(?P<year>(?:19|20)[0-9]{{2}})[-/.](?P<month>0[1-9]|1[0-2])"
        r"(?![A-Za-z0-9_]|[-–.,:/][0-9]|[年度学赛财])"
    )

    # Short service numbers of telephones.
    service = rf"(?<=(?<!拨)打(?:给|到)?{SPACE}?)(?:1[12][0-9]|1[0-9]{{4}})(?![0-9]|{SPACE}?[分个元次折万])"

    def letters_and_digits(match: Match) -> str:
        return f"{' '.join(match['letter'])} {digits(match['number']).replace('一', '幺')}"

    def say_page(match: Match) -> str:
        last = f"到{cardinal(int(match['last']))}" if match["last"] else ""
        return f"第{cardinal(int(match['first']))}{last}页"

    def say_month(match: Match) -> str:
        return f"{digits(match['year'])}年{cardinal(int(match['month']))}月"

    return [
        Rule(lazy(train), letters_and_digits, COUNTS),
        Rule(lazy(flight), letters_and_digits, COUNTS),
        Rule(lazy(service), lambda match: digits(match[0]).replace("一", "幺"), COUNTS),
        Rule(lazy(plate), lambda match: f"{match['letter']} {digits(match['number'])}", has_digits(5)),
        Rule(
            lazy(rf"(?<![A-Za-z])(?:No\.|№){SPACE}?{number}"),
            lambda match: f"第{cardinal(int(match['number']))}号",
            COUNTS,
        ),
        Rule(lazy(page), say_page, COUNTS),
        Rule(lazy(generation), lambda match: digits(match["number"]), COUNTS),
        Rule(lazy(rf"{START}(?P<number>[1-9][1-9])(?=折)"), lambda match: digits(match["number"]), COUNTS),
        Rule(lazy(month), say_month, has_digits(6)),
        Rule(lazy(r"(?<![A-Za-z0-9])CO(?:2|₂)(?![A-Za-z0-9])"), lambda _: "二氧化碳", "2₂"),
        Rule(lazy(r"(?<=[0-9][万亿千百]?)\+(?=[\p{Han}，。、；！？）)]|\Z)"), lambda _: "加", "+"),
    ]


def period_rules() -> list[Rule]:
    """Returns the rule for amounts per period or item, such as `10GB/月`. It is applied after the rules for prices."""
    amount = rf"[0-9零一二三四五六七八九十百千万两]{SPACE}?(?:[A-Za-z]{{1,4}}|\p{{Han}}{{1,3}})"
    per = rf"(?<={amount}){SPACE}?/{SPACE}?(?=(?:{_PERIODS})(?!/))"
    return [Rule(lazy(per), lambda _: "每", "/")]
