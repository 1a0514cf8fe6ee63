"""Russian rules for abbreviations before a number, such as `стр. 5`, and for parts of laws, such as `п. 2 ст. 5`."""

from typing import NamedTuple

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE, any_of, capitalized_as, table, word_before
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule, has_word

_LABELS = table("""
    ок. = около | макс. = максимум | стр. = страница | с. = страница | рис. = рисунок | табл. = таблица
    гл. = глава | ст. = статья | п. = пункт | пп. = пункты | разд. = раздел | д. = дом | кв. = квартира
    корп. = корпус | стр = страница | эт. = этаж | мин. = минимум | т. = том | ч. = часть | оф. = офис
    каб. = кабинет | подъезд = подъезд | подп. = подпункт | абз. = абзац | прил. = приложение | прим. = примечание
    кн. = книга | вып. = выпуск | лит. = литера
""")


class _Cases(NamedTuple):
    genitive: str
    dative: str
    prepositional: str
    instrumental: str


_CASES = {
    "страница": _Cases("страницы", "странице", "странице", "страницей"),
    "таблица": _Cases("таблицы", "таблице", "таблице", "таблицей"),
    "рисунок": _Cases("рисунка", "рисунку", "рисунке", "рисунком"),
    "глава": _Cases("главы", "главе", "главе", "главой"),
    "статья": _Cases("статьи", "статье", "статье", "статьёй"),
    "книга": _Cases("книги", "книге", "книге", "книгой"),
    "часть": _Cases("части", "части", "части", "частью"),
    "пункт": _Cases("пункта", "пункту", "пункте", "пунктом"),
    "пункты": _Cases("пунктов", "пунктам", "пунктах", "пунктами"),
    "подпункт": _Cases("подпункта", "подпункту", "подпункте", "подпунктом"),
    "раздел": _Cases("раздела", "разделу", "разделе", "разделом"),
    "абзац": _Cases("абзаца", "абзацу", "абзаце", "абзацем"),
    "том": _Cases("тома", "тому", "томе", "томом"),
    "приложение": _Cases("приложения", "приложению", "приложении", "приложением"),
    "примечание": _Cases("примечания", "примечанию", "примечании", "примечанием"),
}
_ACCUSATIVES = {"а": "у", "я": "ю"}  # by the ending of the nominative
_PREPOSITIONS = {
    **dict.fromkeys(("из", "до", "от", "без", "после", "кроме"), 0),
    **dict.fromkeys(("по", "к", "ко", "согласно"), 1),
    **dict.fromkeys(("на", "в", "во", "о", "об"), 2),
}
# Parts of a law from the smallest to the largest. A larger part after a smaller one is in the genitive.
_PARTS = ("абзац", "подпункт", "пункт", "пункты", "часть", "статья", "глава", "раздел")
_PART_BEFORE = lazy(rf"(?P<part>(?<!\p{{L}})\p{{L}}{{1,8}}\.?){SPACE}?(?:[0-9]{{1,4}}|[IVX]{{1,6}}),?{SPACE}\Z")
_LOOK_BACK = 20
_SEE = lazy(rf"(?i:(?<!\p{{L}})(?:см\.|смотри|сравни)(?:{SPACE}также)?){SPACE}?\Z")
_COMPARE_WITH = lazy(rf"(?i:сравни){SPACE}со?{SPACE}\Z")
# Words after `ср.` that show that it means "compare" and not Wednesday.
_AFTER_COMPARE = r"также|тж\.|с|со|рис\.|табл\.|гл\.|стр\.|ст\.|п\.|прим\.|разд\.|напр\."


def part_rules() -> list[Rule]:
    """Returns the rule for `ч.` after another part of a law, where it is no hour. It runs before the core rules."""
    parts = r"(?i:абз|подп|пп?|ст|гл|разд)\.|(?:стат|пункт|част|глав)\p{L}{1,3}"
    pattern = rf"(?<=(?<!\p{{L}})(?:{parts}){SPACE}?[0-9]{{1,4}},?{SPACE})(?P<label>ч\.)(?={SPACE}?[0-9])"
    return [Rule(lazy(pattern), _label, COUNTS)]


def reference_rules() -> list[Rule]:
    """Returns the rules for abbreviations before a number. They are applied after the core rules."""
    labels = [*_LABELS, *(capitalized_as("A", label) for label in _LABELS if len(label) > 2)]
    number = rf"{SPACE}?(?:[0-9]|[IVX]{{1,6}}(?![\p{{L}}\p{{N}}]))"
    compare = rf"(?<!\p{{L}})(?P<first>[Сс])р\.(?={SPACE}(?:{_AFTER_COMPARE})(?!\p{{L}}))"
    return [
        Rule(lazy(compare), lambda match: capitalized_as(match["first"], "сравни"), has_word(["р."])),
        Rule(lazy(rf"(?<![\p{{L}}\p{{N}}.])(?P<label>{any_of(labels)})(?={number})"), _label, COUNTS),
    ]


def _part_before(match: Match) -> str:
    """Returns the part of a law whose number directly precedes the match, or an empty string if there is none."""
    found = _PART_BEFORE.search(match.string[max(0, match.start() - _LOOK_BACK) : match.start()])
    if found is None:
        return ""
    part = _LABELS.get(found["part"].casefold(), found["part"].casefold())
    return next((name for name in _PARTS if part in (name, *_CASES[name])), "")


def _label(match: Match) -> str:
    written = match["label"]
    noun = _LABELS[written[0].lower() + written[1:]]
    cases = _CASES.get(noun)
    if cases is None:
        return capitalized_as(written, noun)
    before = _part_before(match)
    if before and noun in _PARTS and _PARTS.index(before) < _PARTS.index(noun):
        return cases.genitive
    start = match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
    if _COMPARE_WITH.search(start):
        return cases.instrumental
    if _SEE.search(start):
        return f"{noun[:-1]}{_ACCUSATIVES[noun[-1]]}" if noun[-1] in _ACCUSATIVES else noun
    preposition = _PREPOSITIONS.get(word_before(match))
    return capitalized_as(written, noun if preposition is None else cases[preposition])
