"""Russian rules for Roman numerals and ordinals."""

from collections.abc import Sequence

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import (
    SPACE,
    START,
    any_of,
    capitalized_as,
    grouped,
    listed,
    page_spans,
    roman_value,
    word_before,
)
from wyoming_piper_serial.text.preparation.languages.ru_numerals import ordinal, prefix
from wyoming_piper_serial.text.preparation.passage import INNER_DASHES, Match, Rule

PARTS_OF_WORKS = (
    "том|глава|гл\\.|часть|фаза|этап|тип|класс|группа|акт|книга|уровень|степень|категория|серия|сезон|раздел|главе|томе|"
    "части"
)
# Endings of ordinals, each with the nouns that require it. For all other nouns, the ending depends on their last
# letters.
_NOUNS = grouped("""
    ый = век этап тур класс квартал съезд том раздел чемпионат фестиваль конкурс день год раз курс сезон этаж |
    ого = века этапа тура класса квартала съезда тома раздела чемпионата фестиваля конкурса дня года курса этажа
        места |
    ом = веке этапе туре классе квартале съезде томе разделе чемпионате фестивале конкурсе курсе этаже месте |
    ому = веку этапу туру классу кварталу съезду курсу этажу месту |
    ым = веком этапом туром классом кварталом съездом этажом местом |
    ое = место полугодие столетие тысячелетие число |
    ая = степень часть мировая глава группа лига серия очередь республика империя дивизия армия |
    ой = степени части мировой главы главе группы группе лиги лиге серии очереди республики империи дивизии
        армии |
    ую = мировую главу группу лигу серию республику империю |
    ых = веков веках
""")
_QUEENS = listed("елизавет екатерин мари анн изабелл виктори маргарит кристин")
_NOT_NAMES = set(
    listed("во на по до от из за при для под над между после перед около это был была было начало конец середина")
)
_SUFFIXES = grouped("""
    ый = й ый ой ий |
    ая = я ая ья |
    ое = е ое ье |
    ого = го ого его ьего |
    ому = му ому ему |
    ую = ю ую ью |
    ом = м ом ем |
    ых = х ых |
    ым = ым
""")
_NUMERALS = str.maketrans("ХІ", "XI")  # Cyrillic letters that are used as Roman numerals because they look alike.


def ordinal_rules() -> Sequence[Rule]:
    """Returns the rules for Roman numerals and ordinals, in order of application."""
    return [*_romans(), *_ordinals()]


def page_rules() -> Sequence[Rule]:
    """Returns the rule for ranges of pages and chapters, such as `стр. 5–7`."""
    return page_spans(r"стр\.|с\.|страниц(?:ы|ах|а|е|у)|гл\.|глав(?:ы|ах|а|е|у)", _pages)


def _pages(match: Match, low: int, high: int) -> str:
    noun = "глав" if match["noun"].casefold().startswith("г") else "страниц"
    is_locative = word_before(match) in {"на", "в", "во", "о"}
    first, last = ordinal(low, "ой"), ordinal(high, "ую")
    since = "со" if first.startswith(("вт", "сто ")) else "с"
    return capitalized_as(match["noun"], f"{noun}{'ах' if is_locative else 'ы'} {since} {first} по {last}")


def _romans() -> list[Rule]:
    numeral = "(?P<numeral>[IVXХІ]{1,7})"
    century = rf"{START}{numeral}{SPACE}в\.(?P<last>(?=\Z))?(?!{SPACE}?[0-9])"
    centuries = rf"{START}(?P<first>[IVXХІ]{{1,7}}){SPACE}?[-–—]{SPACE}?{numeral}{SPACE}(?P<noun>вв\.|веках|веков|века)"
    suffixed = rf"{START}{numeral}-?(?P<suffix>{any_of(_SUFFIXES)})(?![\p{{L}}\p{{N}}])"
    before_noun = rf"{START}{numeral}(?={SPACE}(?P<noun>\p{{Ll}}{{2,}})(?!\p{{L}}))"
    ruler = rf"(?<![\p{{L}}])(?P<name>\p{{Lu}}\p{{Ll}}{{2,}}){SPACE}{numeral}(?![\p{{L}}\p{{N}}'’-]|\.{SPACE}?\p{{Lu}})"
    part = rf"(?<=(?<!\p{{L}})(?i:{PARTS_OF_WORKS}){SPACE}){numeral}(?![\p{{L}}\p{{N}}])"
    return [
        Rule(lazy(part), lambda match: str(_roman(match["numeral"]) or match["numeral"]), "IVXІХ"),
        Rule(lazy(centuries), _centuries, "IVXХІ"),
        Rule(lazy(century), _century, "IVXХІ"),
        Rule(lazy(suffixed), _roman_suffixed, "IVXІХ"),
        Rule(lazy(before_noun), lambda match: _roman_ordinal(match) if match["noun"] in _NOUNS else None, "IVXІХ"),
        Rule(lazy(ruler), _ruler, "IVXІХ"),
        Rule(lazy(before_noun), _roman_ordinal, "IVXІХ"),
    ]


def _roman(numeral: str) -> int | None:
    return roman_value(numeral.translate(_NUMERALS))


def _century(match: Match) -> str | None:
    value = _roman(match["numeral"])
    if value is None:
        return None
    ending, noun = {"в": ("ом", "веке"), "к": ("ому", "веку"), "": ("ый", "век")}.get(
        word_before(match), ("ого", "века")
    )
    return f"{ordinal(value, ending)} {noun}" + ("." if match["last"] is not None else "")


def _centuries(match: Match) -> str | None:
    first, last = _roman(match["first"]), _roman(match["numeral"])
    if first is None or last is None:
        return None
    within = word_before(match) == "в"
    ending = "ом" if within else "ого"
    return f"{ordinal(first, ending)} – {ordinal(last, ending)} {'веках' if within else 'веков'}"


def _roman_suffixed(match: Match) -> str | None:
    value = _roman(match["numeral"])
    return None if value is None else ordinal(value, _SUFFIXES[match["suffix"]])


def _roman_ordinal(match: Match) -> str | None:
    value = _roman(match["numeral"])
    noun = match["noun"]
    if value is None or (noun not in _NOUNS and len(match["numeral"]) < 2):
        return None
    return ordinal(value, _noun_ending(noun))


def _noun_ending(noun: str) -> str:
    if noun in _NOUNS:
        return _NOUNS[noun]
    endings = (
        ("ая", "ая"),
        ("ой", "ой"),
        ("ую", "ую"),
        ("ого", "ого"),
        ("ом", "ым"),
        ("а", "ая"),
        ("я", "ая"),
        ("у", "ую"),
        ("о", "ое"),
    )
    return next(
        (ending for letters, ending in (*endings, ("ы", "ой"), ("и", "ой"), ("е", "ом")) if noun.endswith(letters)),
        "ый",
    )


def _ruler(match: Match) -> str | None:
    value = _roman(match["numeral"])
    name = match["name"].casefold()
    if value is None or match["numeral"] in {"X", "Х"} or name in _NOT_NAMES:
        return None
    return f"{match['name']} {ordinal(value, _name_ending(name)).capitalize()}"


def _name_ending(name: str) -> str:
    if any(name.startswith(stem) for stem in _QUEENS):
        return {"а": "ая", "я": "ая", "у": "ую", "ю": "ую"}.get(name[-1], "ой")
    if name.endswith(("ом", "ем", "ём")):
        return "ым"
    return {"а": "ого", "я": "ого", "у": "ому", "ю": "ому", "е": "ом"}.get(name[-1], "ый")


def _ordinals() -> list[Rule]:
    number = r"(?P<number>[1-9][0-9]{0,3})"
    suffixed = rf"{START}{number}-(?P<suffix>{any_of(_SUFFIXES)})(?![\p{{L}}\p{{N}}])"
    compound = (
        rf"{START}(?P<number>[1-9][0-9]{{0,2}})-(?=(?:лет|месячн|дневн|часов|минутн|секундн|недельн|"
        rf"комнатн|этажн|процентн|кратн|мест|ядерн)\p{{Ll}}*)"
    )
    return [
        Rule(lazy(suffixed), _suffixed, INNER_DASHES),
        Rule(lazy(compound), lambda match: prefix(int(match["number"])), INNER_DASHES),
    ]


def _suffixed(match: Match) -> str:
    ending = _SUFFIXES[match["suffix"]]
    if ending == "ом" and word_before(match) not in {"в", "во", "на", "о", "об", "при"}:
        ending = "ым"
    return ordinal(int(match["number"]), ending)
