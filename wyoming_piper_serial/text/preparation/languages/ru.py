"""Rules for Russian."""

from collections.abc import Sequence

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.amounts import (
    Money,
    counted_scales,
    counted_units,
    fractions,
    money,
    unit_ranges,
)
from wyoming_piper_serial.text.preparation.builders import (
    SPACE,
    START,
    abbreviations,
    any_of,
    digit_strings,
    fine_particles,
    grouped,
    listed,
    ranges,
    spelled,
    table,
    word_before,
    words_before,
)
from wyoming_piper_serial.text.preparation.compact_durations import compact_durations
from wyoming_piper_serial.text.preparation.coordinates import coordinates
from wyoming_piper_serial.text.preparation.dates_before_times import dates_before_times
from wyoming_piper_serial.text.preparation.languages.ru_cases import GENITIVE_PREPOSITIONS, case_rules, genitive_of
from wyoming_piper_serial.text.preparation.languages.ru_dates import (
    compact_duration,
    date_before_time,
    date_rules,
    time_rules,
)
from wyoming_piper_serial.text.preparation.languages.ru_numerals import (
    cardinal,
    gendered,
    genitive,
    ordinal,
    plural,
)
from wyoming_piper_serial.text.preparation.languages.ru_ordinals import PARTS_OF_WORKS, ordinal_rules, page_rules
from wyoming_piper_serial.text.preparation.languages.ru_references import part_rules, reference_rules
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import (
    COUNTS,
    DIGITS,
    RANGES,
    Match,
    Rule,
    has_digits,
    has_letter,
    has_word,
)
from wyoming_piper_serial.text.preparation.quantities import with_end
from wyoming_piper_serial.text.preparation.signs import Signs, signs

_DIGITS = listed("ноль один два три четыре пять шесть семь восемь девять")
_ABBREVIATIONS = table("""
    т. д. = так далее | т. п. = тому подобное | т. е. = то есть | т. к. = так как | т. н. = так называемый
    т. о. = таким образом | и др. = и другие | и пр. = и прочее | др. = другие | и т.д = и так далее
    и т.п = и тому подобное | напр. = например | см. = смотри | до н. э. = до нашей эры | н. э. = нашей эры
    в т. ч. = в том числе | т. ч. = том числе | проф. = профессор | акад. = академик | д-р = доктор | доц. = доцент
    г-н = господин | г-жа = госпожа | тел. = телефон | моб. = мобильный | доб. = добавочный | обл. = область
    р-н = район | пос. = посёлок | дер. = деревня | прим. = примечание | ред. = редактор | изд. = издание
    ул = улица | ж/д = железнодорожный | б/у = бывший в употреблении | з/п = зарплата | кол-во = количество
    пр-т = проспект | и.о. = исполняющий обязанности | тов. = товарищ | ин-т = институт | ун-т = университет
    млн = миллионов | млрд = миллиардов | англ. = английский | фр. = французский | лат. = латинский | рус. = русский
    кв. м = квадратный метр | вкл. = включая | искл. = исключая | соотв. = соответственно | ориг. = оригинал
""")
# The forms of nouns after a number: singular, paucal, plural, and the matching forms of "one" and "two".
_COUNTED = {
    **dict.fromkeys(("руб.", "руб", "р."), ("рубль", "рубля", "рублей", "один", "два")),
    **dict.fromkeys(("коп.", "коп"), ("копейка", "копейки", "копеек", "одна", "две")),
    **dict.fromkeys(("тыс.", "тыс"), ("тысяча", "тысячи", "тысяч", "одна", "две")),
    **dict.fromkeys(("млн", "млн."), ("миллион", "миллиона", "миллионов", "один", "два")),
    **dict.fromkeys(("млрд", "млрд."), ("миллиард", "миллиарда", "миллиардов", "один", "два")),
    **dict.fromkeys(("трлн", "трлн."), ("триллион", "триллиона", "триллионов", "один", "два")),
    **dict.fromkeys(("мин.",), ("минута", "минуты", "минут", "одна", "две")),
    **dict.fromkeys(("сек.",), ("секунда", "секунды", "секунд", "одна", "две")),
    **dict.fromkeys(("ч.", "час."), ("час", "часа", "часов", "один", "два")),
    **dict.fromkeys(("шт.", "шт"), ("штука", "штуки", "штук", "одна", "две")),
    **dict.fromkeys(("чел.", "чел"), ("человек", "человека", "человек", "один", "два")),
    **dict.fromkeys(("мес.",), ("месяц", "месяца", "месяцев", "один", "два")),
    **dict.fromkeys(("нед.",), ("неделя", "недели", "недель", "одна", "две")),
}
_PARTS = ("десят", "сот", "тысячн")
_BEFORE_GENITIVE = set(listed("от до с со из около более менее свыше больше меньше ниже выше"))
_MAX_GENITIVE = 9999
_BEFORE_OBJECT = {"на", "за", "через", "в"}
_BEFORE_RANGE = {"от", "за", "на", "через", "по", "в"}
_SPOONS = {
    "ч": ("чайная ложка", "чайные ложки", "чайных ложек", "чайной ложки"),
    "ст": ("столовая ложка", "столовые ложки", "столовых ложек", "столовой ложки"),
}
_FEMININE_UNITS = set(listed("min s ms cal kcal t mi oz hp тыс. тыс тысяча тысячи k"))
_FEMININE_TWO = any_of(
    listed("""
    минуты секунды недели тонны мили ложки чашки штуки копейки тысячи лампы комнаты лампочки страницы бутылки
    банки розетки колонки шторы задачи камеры двери точки калории книги сестры девочки женщины машины собаки
    кошки песни новости
""")
)
_ONE = grouped("""
    одна = минута секунда неделя тонна миля ложка чашка штука копейка тысяча лампа комната лампочка страница |
    одну = минуту секунду неделю тонну милю ложку чашку штуку копейку тысячу лампу комнату лампочку страницу |
    одно = окно устройство яблоко яйцо место слово сообщение уведомление
""")
_PLACES = {
    "ул.": ("улица", "улице", "улицы"),
    "пр.": ("проспект", "проспекте", "проспекта"),
    "пл.": ("площадь", "площади", "площади"),
    "просп.": ("проспект", "проспекте", "проспекта"),
    "пер.": ("переулок", "переулке", "переулка"),
    "наб.": ("набережная", "набережной", "набережной"),
    "г.": ("город", "городе", "города"),
    "о.": ("остров", "острове", "острова"),
    "оз.": ("озеро", "озере", "озера"),
    "р.": ("река", "реке", "реки"),
    "ст.": ("станция", "станции", "станции"),
    "б-р": ("бульвар", "бульваре", "бульвара"),
    "ш.": ("шоссе", "шоссе", "шоссе"),
    "м.": ("метро", "метро", "метро"),
    "пос.": ("посёлок", "посёлке", "посёлка"),
    "дер.": ("деревня", "деревне", "деревни"),
    "с.": ("село", "селе", "села"),
}
_CURRENCIES = {
    **dict.fromkeys(
        ("₽", "руб.", "руб", "р.", "RUB"), (("рубль", "рубля", "рублей"), ("копейка", "копейки", "копеек"))
    ),
    **dict.fromkeys(("€", "EUR", "евро"), (("евро", "евро", "евро"), ("цент", "цента", "центов"))),
    **dict.fromkeys(
        ("$", "US$", "US-$", "U$S", "USD"), (("доллар", "доллара", "долларов"), ("цент", "цента", "центов"))
    ),
    **dict.fromkeys(("£", "GBP"), (("фунт", "фунта", "фунтов"), ("пенс", "пенса", "пенсов"))),
}
_CODES = (
    "PIN|ПИН|[Пп]ин|PIN-код|ПИН-код|[Пп]ин-код|[Кк]од|[Пп]ароль|[Нн]омер|[Тт]ел\\.?|[Тт]елефон|"
    "[Тт]елефону|[Пп]озвоните|[Зз]воните|"
    "[Ии]ндекс|[Рр]ейс|[Нн]омеру|ИНН"
)
_DIRECTIONS = """
    северной широты = N с.ш. | южной широты = S ю.ш. | восточной долготы = E в.д. | западной долготы = W з.д.
"""
_SIGNS = Signs(
    times="умножить на",
    minus="минус",
    squared="в квадрате",
    cubed="в кубе",
    power="в степени",
    less="меньше",
    greater="больше",
    about="около",
    number="номер",
    equals="равно",
    plus="плюс",
    conjunction="и",
    root="корень из",
    unequal="не равно",
    plus_minus="плюс минус",
    at_most="меньше или равно",
    at_least="больше или равно",
    divided="разделить на",
    section="параграф",
)


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Russian rules that run before the core rules for all languages, in order of application."""
    gap = "[- \u00a0\u2009\u202f]"
    national = (
        rf"(?<![\p{{L}}\p{{N}}+-])8{gap}?\(?[0-9]{{3,4}}\)?{gap}?[0-9]{{2,3}}{gap}[0-9]{{2}}{gap}?[0-9]{{2}}"
        r"(?![\p{L}\p{N}])"
    )
    spoon = rf"{SPACE}?(?P<spoon>ч|ст)\.{SPACE}?л\."
    return [
        coordinates(locale, _DIRECTIONS, count=_count_unit),
        *part_rules(),
        *compact_durations(locale, compact_duration),
        *dates_before_times(locale, date_before_time),
        *date_rules(),
        *spelled([lazy(national)], _DIGITS, has_digits(10)),
        *digit_strings(_DIGITS, plus="плюс", contexts=_CODES),
        *money(locale, _CURRENCIES, _money),
        *time_rules(),
        *counted_scales(
            locale, lambda number, unit, _: _count_unit(number, unit), number="[0-9]{0,5}[12]", digits="12"
        ),
        *counted_units(locale, lambda number, unit, _: _count_unit(number, unit), number="[0-9]{0,5}[12]", digits="12"),
        Rule(_word_range(), _range, RANGES),
        *unit_ranges(locale, _unit_range),
        *page_rules(),
        *ranges("до"),
        Rule(lazy(rf"{START}(?P<number>[0-9]{{1,4}}){spoon}"), _spoons, COUNTS),
        Rule(
            lazy(rf"(?<=[½⅓⅔¼¾]|[0-9][/.,][0-9]{{1,2}}){spoon}"),
            lambda match: f" {_SPOONS[match['spoon']][3]}",
            has_word(["л."]),
        ),
        *fractions(locale, _fraction),
        *ordinal_rules(),
        Rule(lazy(rf"{START}(?P<number>[0-9]{{1,4}})[xх×](?={SPACE}\p{{L}})"), _times_as, (DIGITS, "xх×")),
        *signs(_SIGNS),
        fine_particles("2.5"),
        Rule(lazy(r"№(?=[0-9])"), lambda _: "номер ", "№"),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Russian rules that run after the core rules for all languages, in order of application."""
    del locale
    count = (
        rf"{START}(?P<number>[0-9]{{1,3}}(?:[ \u00a0\u202f][0-9]{{3}}){{1,3}}|[0-9]{{1,9}})"
        rf"(?P<decimals>[.,][0-9]{{1,3}})?"
    )
    counted = rf"{count}{SPACE}?(?P<noun>{any_of(_COUNTED)})(?P<last>(?=[\"»)]?\Z))?(?![\p{{L}}\p{{N}}])"
    two = rf"{START}(?P<number>[0-9]{{0,6}}2)(?={SPACE}{_FEMININE_TWO}(?!\p{{L}}))"
    one = rf"{START}(?P<number>[0-9]{{0,6}}1)(?={SPACE}(?P<noun>{any_of(_ONE)})(?!\p{{L}}))"
    # A single capital letter before a name is an initial, as in `С. Петров`.
    place = (
        rf"(?<![\p{{L}}\p{{N}}.-])(?P<place>(?i:{any_of(_PLACES)}))"
        rf"(?=(?<!(?<!\p{{L}})\p{{Lu}}\.){SPACE}?\p{{Lu}}\p{{L}}|{SPACE}[0-9])"
    )
    large = r"(?:тысяч[аи]?|(?:миллион|миллиард|триллион)(?:а|ов)?)"
    behind_large = rf"(?<={large}{SPACE})(?P<noun>руб|₽|р(?=\.)|чел)\.?(?!\p{{L}})"
    return [
        Rule(lazy(counted), _counted, COUNTS),
        Rule(
            lazy(behind_large),
            lambda match: with_end(match, "человек" if match["noun"] == "чел" else "рублей"),
            has_letter,
        ),
        Rule(lazy(two), lambda match: gendered(int(match["number"]), "одна", "две"), ("2", has_letter)),
        Rule(lazy(one), lambda match: gendered(int(match["number"]), _ONE[match["noun"]]), ("1", has_letter)),
        *reference_rules(),
        Rule(lazy(place), _place, has_letter),
        abbreviations({"им.": "имени"}, after=rf"(?={SPACE}?\p{{Lu}})"),
        abbreviations({"св.": "святой"}, after=rf"(?={SPACE}?\p{{Lu}}\p{{L}}+[бвгджзйклмнпрстфхцчшщь](?!\p{{L}}))"),
        abbreviations(_ABBREVIATIONS),
    ]


def agreement_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Russian rules for numbers after prepositions and for decimal numbers.

    Decimal numbers need a rule because espeak-ng reads the fraction digit by digit as tenths, and uses `один` and `два`
    instead of `одна` and `две`.
    """
    number = r"(?P<whole>[0-9]{1,6}),(?P<fraction>[0-9]{1,9})"
    # The core rules have written the unit in the nominative.
    before_one = rf"(?<=(?<!\p{{L}})(?i:через|за|на|спустя){SPACE}(?:\p{{Ll}}+{SPACE}){{0,2}})"
    one = rf"{before_one}одна{SPACE}(?P<noun>\p{{Ll}}+)(?P<end>[ая])"
    return [
        Rule(
            lazy(rf"{one}(?!\p{{L}})"),
            lambda match: f"одну {match['noun']}{'у' if match['end'] == 'а' else 'ю'}",
            has_word(["одна"]),
        ),
        *case_rules(locale),
        Rule(
            lazy(rf"(?<![\p{{L}}\p{{N}}_]|[0-9][.,:/]){number}(?![\p{{L}}\p{{N}}_]|[.,:/][0-9])"),
            _decimal,
            (DIGITS, ","),
        ),
    ]


def _decimal(match: Match) -> str:
    whole, digits = int(match["whole"]), match["fraction"]
    if len(digits) > len(_PARTS):
        return f"{cardinal(whole)} запятая {' '.join(_DIGITS[int(digit)] for digit in digits)}"
    before = word_before(match)
    if before == _SIGNS.minus:
        before = [*words_before(match), ""][1]
    is_genitive = before in _BEFORE_GENITIVE and whole <= _MAX_GENITIVE
    one, ending = ("одной", "ой") if is_genitive else ("одну", "ую") if before in _BEFORE_OBJECT else ("одна", "ая")
    words = []
    for number, name in ((whole, "цел"), (int(digits), _PARTS[len(digits) - 1])):
        said = genitive(number).replace("одного", one) if is_genitive else gendered(number, one, "две")
        words.append(f"{said} {name}{ending if plural(number, 'one', 'few', 'many') == 'one' else 'ых'}")
    return " и ".join(words)


def _count_unit(number: str, unit: str) -> str | None:
    return gendered(int(number), "одна", "две") if unit in _FEMININE_UNITS and number.isdigit() else None


def _counted(match: Match) -> str:
    one, few, many, first, second = _COUNTED[match["noun"]]
    last = "." if match["noun"].endswith(".") and match["last"] is not None else ""
    if match["decimals"]:
        return f"{match['number']}{match['decimals'].replace('.', ',')} {few}{last}"
    number = int(regex.sub("[^0-9]", "", match["number"]))
    if number <= _MAX_GENITIVE and regex.fullmatch(GENITIVE_PREPOSITIONS, word_before(match)):
        noun = few if plural(number, "one", "", "") else many
        return f"{genitive_of(number, noun)} {noun}{last}"
    return f"{gendered(number, first, second)} {plural(number, one, few, many)}{last}"


def _times_as(match: Match) -> str:
    number = int(match["number"])
    return f"в {cardinal(number)} {plural(number, 'раз', 'раза', 'раз')}"


def _spoons(match: Match) -> str:
    number = int(match["number"])
    one, few, many, _ = _SPOONS[match["spoon"]]
    return f"{gendered(number, 'одна', 'две')} {plural(number, one, few, many)}"


def _place(match: Match) -> str:
    nominative, locative, genitive_form = _PLACES[match["place"].casefold()]
    before = word_before(match)
    if before in {"на", "в", "во", "по", "к", "о"}:
        return locative
    if before in {"с", "из", "от", "до", "у", "около", "мэр", "близ"}:
        return genitive_form
    return nominative.capitalize() if match["place"][0].isupper() else nominative


def _money(amount: Money) -> str:
    units, hundredths = _CURRENCIES[amount.currency]
    words = ["минус"] if amount.negative else []
    if amount.units or not amount.hundredths:
        words += [cardinal(amount.units), plural(amount.units, *units)]
    if amount.hundredths:
        is_feminine = hundredths[0] == "копейка"
        words += [gendered(amount.hundredths, "одна", "две") if is_feminine else cardinal(amount.hundredths)]
        words += [plural(amount.hundredths, *hundredths)]
    return " ".join(words)


def _word_range() -> regex.Pattern[str]:
    number = r"[1-9][0-9]{0,3}"
    short = any_of(noun.rstrip(".") for noun in _COUNTED)
    return lazy(
        rf"{START}(?P<low>{number})(?P<dash>{SPACE}?[-–—]{SPACE}?)(?P<high>{number})"
        rf"(?={SPACE}(?P<noun>(?!{short}(?!\p{{L}}))\p{{Ll}}{{3,}})(?!\p{{L}}|\.(?![\s)\"»]{{0,3}}\Z)))"
    )


def _range(match: Match) -> str | None:
    low, high = int(match["low"]), int(match["high"])
    if low >= high:
        return None
    if plural(high, "one", "few", "many") != "many":
        one, two = ("одна", "две") if regex.fullmatch(_FEMININE_TWO, match["noun"]) else ("один", "два")
        return f"{gendered(low, one, two)}, {gendered(high, one, two)}"
    return (
        f"{cardinal(low)} до {genitive(high)}"
        if word_before(match) in _BEFORE_RANGE
        else f"от {genitive(low)} до {genitive(high)}"
    )


def _unit_range(low: int, high: int, unit: str, match: Match) -> tuple[str, str]:
    if plural(high, "one", "few", "many") != "many":
        one, two = ("одна", "две") if unit in _FEMININE_UNITS else ("один", "два")
        return f"{gendered(low, one, two)}, ", gendered(high, one, two)
    if word_before(match) in _BEFORE_RANGE:
        return f"{cardinal(low)} до ", genitive(high)
    return f"от {genitive(low)} до ", genitive(high)


def _fraction(whole: int, numerator: int, denominator: int, match: Match) -> str | None:
    if regex.fullmatch(f"{PARTS_OF_WORKS}|страница|шаг|урок|трек|песня", word_before(match)):
        return f"{cardinal(numerator)} из {genitive(denominator)}"
    following = match["noun"] or ""
    if denominator == 2:
        is_feminine = regex.match(r"\p{Ll}+[ыи](?!\p{L})", following) is not None
        if whole == 1:
            return "полторы" if is_feminine else "полтора"
        return (
            f"{cardinal(whole)} с половиной"
            if whole
            else ("половина" if match.start() == 0 else "половину")
            if following[:1].isalpha()
            else "одна вторая"
        )
    if denominator > 12 and denominator not in {16, 20, 100}:
        return None
    part = {3: ("треть", "трети", "третей"), 4: ("четверть", "четверти", "четвертей")}.get(denominator)
    if part:
        words = part[0] if numerator == 1 else f"{gendered(numerator, 'одна', 'две')} {plural(numerator, *part)}"
    else:
        words = f"{gendered(numerator, 'одна', 'две')} {ordinal(denominator, 'ая' if numerator == 1 else 'ых')}"
    return f"{cardinal(whole)} и {words}" if whole else words
