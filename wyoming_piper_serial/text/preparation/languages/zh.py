"""Rules for Chinese. Numbers are converted to Chinese numerals, which all Chinese phonemizers read in the same way."""

from collections.abc import Callable, Mapping, Sequence

import regex

from wyoming_piper_serial.text.days import is_day
from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.amounts import counted_units, fractions
from wyoming_piper_serial.text.preparation.builders import SPACE, any_of, listed, roman_value, same_unit_ranges
from wyoming_piper_serial.text.preparation.compact_durations import compact_durations
from wyoming_piper_serial.text.preparation.coordinates import coordinates
from wyoming_piper_serial.text.preparation.languages.zh_fixed_forms import fixed_form_rules, period_rules
from wyoming_piper_serial.text.preparation.languages.zh_numerals import cardinal, decimal, digits
from wyoming_piper_serial.text.preparation.languages.zh_signs import START, sign_rules
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, DASHES, DIGITS, Match, Rule, has_digits

# The position after a number.
_END = r"(?![A-Za-z0-9_]|[.,:/][0-9])"
_TO = r"[-‐‑–—−~～]"
_DEGREES = r"(?:°C|℃|摄氏度|°(?![A-Za-z])|度)"
_MAX_SCORE = 200  # the points of a basketball team
_NUMBER = r"[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,8})?|[0-9]{1,16}(?:\.[0-9]{1,8})?"
_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_YEAR = r"(?P<year>[12][0-9]{3})"
_HOURS = r"(?P<hours>[01]?[0-9]|2[0-4])"
_MINUTES = r"(?P<minutes>[0-5][0-9])"
_SECONDS = r"(?P<seconds>[0-5][0-9])"
_PHONES = any_of(listed("拨打 致电 电话 热线 客服 分机 拨 打给 手机 手机号 报警 急救 呼叫"))
_CODES = any_of(
    listed("""
    密码 验证码 身份证 身份证号 身份证号码 编号 账号 帐号 卡号 尾号 邮编 邮政编码 号码 房间 房间号 房号 航班 车牌
    学号 工号 订单号 代码 口令 PIN PIN码 QQ 编码
""")
)
# Measure words that require 两 instead of 二.
_AFTER_PAIR = any_of(
    listed("""
    个 只 台 盏 次 天 年 分钟 小时 秒 元 块 杯 人 位 条 张 米 公里 千米 公斤 千克 克 升
    毫升 厘米 毫米 点 周 倍 种 件 份 间 瓶 本 页 万 亿 千 把 支 双 套 部 辆 座 层 首 封
    颗 片 勺 斤 碗 盘 包 袋 盒 箱 罐 粒 根 棵 朵 幅 轮 局 团 组 堂 篇 段 笔 批 群 桶 壶 滴
    名 家 项 场 句 岁 欧元 美元 英镑 千瓦 瓦 千瓦时 度电 平方米 立方米 英里 英尺
""")
)
_CURRENCIES = {
    **dict.fromkeys(("¥", "￥", "RMB", "CNY", "元"), "元"),
    **dict.fromkeys(("$", "US$", "US-$", "U$S", "USD", "美元"), "美元"),
    **dict.fromkeys(("€", "EUR", "欧元"), "欧元"),
    **dict.fromkeys(("£", "GBP", "英镑"), "英镑"),
    **dict.fromkeys(("HK$", "HKD", "港元"), "港元"),
    **dict.fromkeys(("A$", "AU$", "AUD", "澳元"), "澳元"),
    **dict.fromkeys(("C$", "CA$", "CAD", "加元"), "加元"),
    **dict.fromkeys(("S$", "SGD"), "新加坡元"),
    **dict.fromkeys(("NT$", "TWD"), "新台币"),
    **dict.fromkeys(("R$", "BRL"), "雷亚尔"),
    **dict.fromkeys(("JPY", "円", "日元"), "日元"),
    **dict.fromkeys(("₩", "KRW", "韩元"), "韩元"),
    **dict.fromkeys(("₽", "RUB", "卢布"), "卢布"),
    **dict.fromkeys(("CHF", "瑞士法郎"), "瑞士法郎"),
}
_CLOCK_BEFORE = lazy(r"(?:在|于|到|至|从|现在是|时间是|时间为|时间：|时间:|现在|更新)\s?\Z")
_LETTER = lazy(r"\p{L}")
_HAN = lazy(r"\p{Han}")


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Chinese rules that run before the core rules for all languages, in order of application."""
    return [
        coordinates(
            locale,
            "北纬 = N | 南纬 = S | 东经 = E | 西经 = W",
            count=lambda number, _: _number(number),
            small_units="分秒",
            is_direction_first=True,
        ),
        *fixed_form_rules(),
        *compact_durations(locale, _compact_duration),
        *_digit_rules(),
        *_dates(),
        *_ranges(),
        *_times(),
        *_percents(),
        *_money(locale),
        *period_rules(),
        *fractions(locale, _fraction),
        *_temperatures(),
        *counted_units(locale, lambda number, _unit, _: _counted(number), number=_NUMBER),
        *_romans(),
        *sign_rules(),
        Rule(lazy(rf"(?<=[日月号年点])(?:{_TO})(?=[零一二两三四五六七八九十])"), lambda _: "到"),
        *_numbers(rf"(?!{SPACE}?[A-Za-z°µΩ℃℉$€£])"),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Chinese rules that run after the core rules for all languages, in order of application."""
    del locale
    return _numbers("")


def _numbers(end: str) -> list[Rule]:
    """Returns the rules for numbers before text that matches the pattern `end`."""
    ordinal = rf"(?<=第)(?P<number>[0-9]{{1,9}})(?![0-9.]){end}"
    pair = rf"{START}(?<!第{SPACE}?|[0-9])2(?={SPACE}?(?:到[0-9]{{1,2}})?{_AFTER_PAIR})"
    number = rf"{START}(?P<sign>(?<![0-9\p{{Han}}][-−]?)[-−])?(?P<number>{_NUMBER}){_END}(?![-−][0-9]){end}"
    return [
        Rule(lazy(ordinal), lambda match: cardinal(int(match["number"])), COUNTS),
        Rule(lazy(pair), lambda _: "两", COUNTS),
        Rule(lazy(number), _bare_number, DIGITS),
    ]


def _number(text: str) -> str:
    return decimal(text.replace(",", ""))


def _counted(text: str) -> str:
    """Returns a number in the form that precedes a measure word."""
    return "两" if text == "2" else _number(text)


def _bare_number(match: Match) -> str | None:
    if _HAN.search(match.string) is None and _LETTER.search(match.string) is not None:
        return None  # without Chinese characters, the sentence may be in another language
    sign = "负" if match["sign"] else ""
    if match["number"].isdigit() and (len(match["number"]) > 1 and match["number"][0] == "0"):
        return sign + digits(match["number"])
    return sign + _number(match["number"])


def _digit_rules() -> list[Rule]:
    # A second number may follow, as in `拨打110或112`.
    link = r"(?:号码|码|号)?(?:是|为|：|:|\s|「|“){0,3}(?:[0-9-]{3,16}\s?(?:或者?|和|、|，|以及)\s?)?"
    groups = r"[0-9]{1,4}(?:[- ][0-9]{2,8}){1,4}|[0-9]{3,19}"
    count = rf"(?!{SPACE}?(?:%|个|次|元|人|万|度|块|台|点|分|秒))"
    phone = rf"(?=[0-9])(?<![0-9])(?<={_PHONES}{link})(?:{groups}){_END}{count}"
    national = rf"{START}[0-9]{{3,4}}-[0-9]{{3,4}}-[0-9]{{4}}{_END}"
    mobile = rf"{START}1[3-9][0-9](?:[- ]?[0-9]{{4}}){{2}}{_END}(?!{SPACE}?(?:元|人|万|亿|美元))"
    code = rf"(?=[0-9])(?<![0-9])(?<={_CODES}{link})(?:{groups}){_END}{count}"
    room = rf"{START}(?P<number>[1-9][0-9]{{2,3}})(?=室|房|号房|号楼)"
    flight = r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{3,4}(?=次|航班)"
    gap = "[- \u00a0\u2009\u202f]?"
    abroad = rf"(?<![0-9A-Za-z])\+[0-9]{{1,3}}{gap}[0-9]{{2,4}}(?:{gap}[0-9]{{3,4}}){{1,3}}{_END}"
    zero = rf"{START}0[0-9]{{2,11}}(?:-[0-9]{{3,8}})?{_END}"
    return [
        Rule(lazy(abroad), lambda match: f"加{_telephone(match)}", "+"),
        Rule(lazy(phone), _telephone, COUNTS),
        Rule(lazy(national), _telephone, "-"),
        Rule(lazy(mobile), _telephone, has_digits(11)),
        Rule(lazy(code), lambda match: digits(match[0]), COUNTS),
        Rule(lazy(room), lambda match: digits(match[0]), COUNTS),
        Rule(lazy(flight), lambda match: f"{match[0][0]} {match[0][1]} {digits(match[0])}", COUNTS),
        Rule(lazy(zero), lambda match: digits(match[0]), ("0", has_digits(3))),
    ]


def _telephone(match: Match) -> str:
    groups = regex.findall("[0-9]+", match[0])
    return "，".join(digits(group).replace("一", "幺") for group in groups)


def _dates() -> list[Rule]:
    zone = r"(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
    time = rf"(?:(?:T|{SPACE}){_HOURS}:{_MINUTES}(?::[0-5][0-9]{zone})?)?"
    numeric = rf"{START}{_YEAR}(?P<mark>[-/.]){_MONTH}(?P=mark){_DAY}{time}{_END}"
    years = (
        rf"{START}(?P<first>[12][0-9]{{3}}|[0-9]{{2}})年?{SPACE}?(?:{_TO}){SPACE}?"
        rf"(?P<year>[12][0-9]{{3}}|[0-9]{{2}})(?={SPACE}?(?:年|财年|学年|赛季))"
    )
    bare_years = (
        rf"{START}(?P<first>[12][0-9]{{3}}){SPACE}?{_TO}{SPACE}?"
        rf"(?P<year>1[0-9]{{3}}|20[0-9]{{2}}){_END}(?!{SPACE}?(?:\p{{Han}}|[%°a-zA-Z]))"
    )
    year = (
        rf"{START}(?:(?P<era>公元前?){SPACE}?)?(?P<year>[0-9]{{4}}|"
        rf"(?<=公元前?{SPACE}?)[0-9]{{1,3}}|0[0-9]|[7-9][1-9](?!{SPACE}?年(?:来|前|后|间|的)))(?={SPACE}?"
        rf"(?:年|财年|学年))(?!{SPACE}?年(?:前|后|来|历史|以))"
    )
    spans = (
        rf"{START}(?P<first>[0-9]{{1,2}}){SPACE}?(?:{_TO}){SPACE}?(?P<last>[0-9]{{1,2}})(?={SPACE}?"
        rf"(?:月|日|号|点|时)(?!\p{{Nd}}))"
    )
    month = rf"{START}(?P<number>[0-9]{{1,2}})(?={SPACE}?(?:月|日|号))"
    decade = rf"{START}(?P<decade>[1-9]0)(?=年代)"
    return [
        Rule(lazy(numeric), _date, has_digits(6)),
        Rule(lazy(years), lambda match: f"{digits(match['first'])}到{digits(match['year'])}", COUNTS),
        Rule(lazy(bare_years), lambda match: f"{digits(match['first'])}到{digits(match['year'])}", f"{DASHES}~～"),
        Rule(lazy(decade), lambda match: cardinal(int(match["decade"])), COUNTS),
        Rule(lazy(year), lambda match: (match["era"] or "") + _year(match["year"], bool(match["era"])), COUNTS),
        Rule(lazy(spans), lambda match: f"{cardinal(int(match['first']))}到{cardinal(int(match['last']))}", COUNTS),
        Rule(lazy(month), lambda match: cardinal(int(match["number"])), COUNTS),
    ]


def _year(year: str, has_era: bool) -> str:
    return cardinal(int(year)) if has_era and len(year) < 4 else digits(year)


def _date(match: Match) -> str | None:
    if not is_day(match["day"], match["month"], match["year"]):
        return None
    words = f"{digits(match['year'])}年{cardinal(int(match['month']))}月{cardinal(int(match['day']))}日"
    return words + (_clock(int(match["hours"]), int(match["minutes"])) if match["hours"] else "")


def _clock(hours: int, minutes: int, seconds: int = 0) -> str:
    hour = "两" if hours == 2 else cardinal(hours)
    minute = ("零" if 0 < minutes < 10 else "") + cardinal(minutes) if minutes or seconds else ""
    return f"{hour}点" + (f"{minute}分" if minute else "") + (f"{cardinal(seconds)}秒" if seconds else "")


def _times() -> list[Rule]:
    duration = rf"{START}(?P<hours>[0-9]{{1,3}}):{_MINUTES}:{_SECONDS}(?:\.[0-9]{{1,6}})?{_END}"
    clock = rf"{START}{_HOURS}[:：]{_MINUTES}{_END}(?:{SPACE}?分(?!钟))?"
    span = rf"{clock}{SPACE}?{_TO}{SPACE}?(?P<hours2>[01]?[0-9]|2[0-4])[:：](?P<minutes2>[0-5][0-9]){_END}"
    written = rf"{START}{_HOURS}{SPACE}?[点點时](?:{SPACE}?(?P<minutes>[0-9]{{1,2}})(?:{SPACE}?分(?!钟))?)?(?![0-9:])"
    ratio = rf"{START}(?P<first>[0-9]{{1,4}})[:：](?P<second>[0-9]{{1,6}}){_END}"
    short = rf"{START}(?P<hours>[0-9]{{1,3}}){SPACE}h{SPACE}?(?P<minutes>[0-9]{{1,2}}){SPACE}?m(?:in)?(?![A-Za-z0-9])"
    return [
        Rule(lazy(short), _short_duration, COUNTS),
        Rule(lazy(duration), _duration_or_time, ":"),
        Rule(lazy(span), _time_span, ":："),
        Rule(lazy(rf"(?<=(?:比分|比例|比率|比)(?:是|为|：)?{SPACE}?){ratio}"), _ratio, ":："),
        Rule(lazy(clock), lambda match: _clock(int(match["hours"]), int(match["minutes"])), ":："),
        Rule(lazy(written), _written_time, COUNTS),
        Rule(lazy(ratio), _ratio, ":："),
    ]


def _ratio(match: Match) -> str:
    return f"{cardinal(int(match['first']))}比{cardinal(int(match['second']))}"


def _time_span(match: Match) -> str:
    first = _clock(int(match["hours"]), int(match["minutes"]))
    return f"{first}到{_clock(int(match['hours2']), int(match['minutes2']))}"


def _written_time(match: Match) -> str | None:
    unit = regex.search("[点點时]", match[0])
    if unit is None or (unit[0] == "时" and match["minutes"] is None):
        return None
    hour = "两" if match["hours"] == "2" else cardinal(int(match["hours"]))
    minutes = match["minutes"]
    if minutes is None:
        return hour + unit[0]
    if minutes == "00":
        return f"{hour}{unit[0]}整"
    words = digits(minutes) if minutes.startswith("0") else cardinal(int(minutes))
    return f"{hour}{unit[0]}{words}" + ("分" if match[0].endswith("分") else "")


def _compact_duration(counts: Mapping[str, int], _: Match) -> str:
    names = {"d": "天", "h": "小时", "min": "分钟", "s": "秒"}
    return "".join(_counted(str(count)) + names[unit] for unit, count in counts.items())


def _short_duration(match: Match) -> str:
    return f"{_counted(match['hours'])}小时{_counted(match['minutes'])}分钟"


def _duration_or_time(match: Match) -> str:
    hours, minutes, seconds = (int(match[name]) for name in ("hours", "minutes", "seconds"))
    if hours < 25 and _CLOCK_BEFORE.search(match.string[: match.start()][-8:]):
        return _clock(hours, minutes, seconds)
    counts = ((hours, "小时"), (minutes, "分钟"), (seconds, "秒"))
    return "".join(_counted(str(count)) + unit for count, unit in counts if count) or "零秒"


def _ranges() -> list[Rule]:
    percent = rf"{START}(?P<low>{_NUMBER})[%％]?{SPACE}?{_TO}{SPACE}?(?P<high>{_NUMBER})[%％]"
    left = (
        rf"(?<=(?<![A-Za-z0-9_./,:^-])(?P<low>[0-9]{{1,7}}(?:\.[0-9]{{1,3}})?)(?P<unit>{SPACE}?"
        r"(?:[°℃元度万亿]C?|岁|天|个|号|点|分|楼))?)"
    )
    right = r"(?=[¥￥$€]?(?P<high>[0-9]{1,7}(?:\.[0-9]{1,3})?)(?P<follows>\s?[\p{Han}a-zA-Z°℃])?(?![-‐–/]?[0-9]|\s?=))"
    dash = lazy(rf"{left}{SPACE}?(?P<dash>{_TO}){SPACE}?{right}")

    def between(match: Match) -> str | None:
        if float(match["low"]) < float(match["high"]) or match["dash"] in "~～" or match["unit"]:
            return "到"
        return "比" if float(match["low"]) < _MAX_SCORE else None

    return [
        Rule(
            lazy(percent), lambda match: f"百分之{_number(match['low'])}到百分之{_number(match['high'])}", has_digits(2)
        ),
        Rule(lazy(rf"(?<=[0-9]{SPACE}?{_DEGREES}?{SPACE}?)[~～](?={SPACE}?[-−]?[0-9])"), lambda _: "到", "~～"),
        same_unit_ranges("到"),
        Rule(dash, between, f"{DASHES}~～"),
        Rule(lazy(rf"±(?={SPACE}?[0-9])"), lambda _: "正负", "±"),
    ]


def _percents() -> list[Rule]:
    pattern = rf"{START}(?P<sign>[-−+])?(?P<number>{_NUMBER}){SPACE}?(?P<unit>[%％‰])"
    signs_ = {"+": "正", "-": "负", "−": "负", None: ""}

    def replace(match: Match) -> str:
        part = "千" if match["unit"] == "‰" else "百"
        number = "百" if match["number"] == "100" and part == "百" else _number(match["number"])
        return f"{signs_[match['sign']]}{part}分之{number}"

    return [Rule(lazy(pattern), replace, (DIGITS, "%％‰"))]


def _money(locale: Locale) -> list[Rule]:
    names = any_of(_CURRENCIES)
    symbols = locale.symbols
    per = rf"(?P<slash>{SPACE}?/{SPACE}?(?P<per>[A-Za-z²³]{{1,6}}|[月年天日次人个度]|小时))?"
    scale = rf"(?:{SPACE}?(?P<scale>万亿|亿|万|百万|千万))?"
    # A comma usually separates thousands, but foreign prices such as 5,99 € have a decimal comma.
    written = rf"[0-9]{{1,9}},[0-9]{{2}}(?![0-9])|{_NUMBER}"
    amount = rf"(?P<number>{written}){scale}"
    inner = "(?P<inner>[-−](?=[0-9]))?"
    ahead = rf"(?<![A-Za-z0-9])(?P<sign>[-−])?(?P<currency>{names}){SPACE}?{inner}{amount}{per}(?![0-9]|{SPACE}?元)"
    behind = rf"{START}(?P<sign>[-−])?(?P<inner>(?!))?{amount}{SPACE}?(?P<currency>{names}){per}(?![A-Za-z0-9])"
    both = rf"{START}(?P<sign>[-−])?(?P<currency>{names}){inner}(?P<number>{_NUMBER}){scale}元{per}"

    def replace(match: Match) -> str:
        number = regex.sub(r",(?=[0-9]{2}\Z)", ".", match["number"])
        if "." in number:
            number = number.rstrip("0").rstrip(".")
        sign = "负" if match["sign"] or match["inner"] else ""
        spoken = f"{sign}{_counted(number)}{match['scale'] or ''}{_CURRENCIES[match['currency']]}"
        if match["per"] and _HAN.match(match["per"]):
            return f"每{match['per']}{spoken}"
        unit = (symbols.unit(match["per"] or "") or ("", ""))[0]
        return locale.per(unit, spoken) if locale.has_per(unit) else spoken + (match["slash"] or "")

    needs = (DIGITS, "".join({currency[0] for currency in _CURRENCIES}))
    return [Rule(lazy(pattern), replace, needs) for pattern in (both, ahead, behind)]


def _fraction(whole: int, numerator: int, denominator: int, _: Match) -> str:
    words = f"{cardinal(denominator)}分之{cardinal(numerator)}"
    return f"{cardinal(whole)}又{words}" if whole else words


def _romans() -> list[Rule]:
    chapter = r"(?<=第)(?P<numeral>[IVX]{1,7})(?=\p{Han})"
    ruler = r"(?<=\p{Han})(?P<numeral>[IVX]{1,7})(?P<suffix>世)?(?![A-Za-z0-9.])"

    def number(match: Match) -> str | None:
        value = roman_value(match["numeral"])
        return None if value is None else cardinal(value)

    return [
        Rule(lazy(chapter), number, "IVX"),
        Rule(
            lazy(rf"{ruler}(?<!\p{{Han}}[X])"),
            lambda match: (number(match) or "") + (match["suffix"] or "") or None,
            "IVX",
        ),
    ]


def _temperatures() -> list[Rule]:
    below = rf"(?<![0-9A-Za-z])[-−]{SPACE}?(?P<number>{_NUMBER}){SPACE}?(?P<unit>{_DEGREES})"
    # The unit is only behind the second number, as in `-5到3°C`.
    low = rf"(?<![0-9A-Za-z])[-−](?P<low>{_NUMBER})(?={SPACE}?[到至]{SPACE}?[-−]?(?:{_NUMBER}){SPACE}?{_DEGREES})"
    above = rf"{START}(?P<number>{_NUMBER}){SPACE}?(?P<unit>°C|℃)"

    def temperature(before: str) -> Callable[[Match], str]:
        def replace(match: Match) -> str:
            unit = "度" if match["unit"] in {"°", "度"} else "摄氏度"
            sign = "" if match.string[: match.start()].endswith(before) else before
            return sign + _number(match["number"]) + unit

        return replace

    return [
        Rule(lazy(low), lambda match: f"零下{_number(match['low'])}", (DIGITS, "-−")),
        Rule(lazy(below), temperature("零下"), (DIGITS, "-−")),
        Rule(lazy(above), temperature(""), (DIGITS, "°℃")),
    ]
