"""Polish rules for Roman numerals and ordinals."""

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
    words_before,
)
from wyoming_piper_serial.text.preparation.conditions import follows_number
from wyoming_piper_serial.text.preparation.languages.pl_numerals import ordinal, prefix
from wyoming_piper_serial.text.preparation.passage import DIGITS, INNER_DASHES, Match, Rule

PARTS_OF_WORKS = (
    "tom|rozdział|rozdz\\.|część|faza|etap|typ|klasa|grupa|akt|księga|poziom|stopień|kategoria|odcinek|sezon|"
    "etapie|części|rozdziale"
)
# Endings of ordinals, each with the nouns that require it. For all other nouns, the ending depends on their last
# letters.
_NOUNS = grouped("""
    y = wiek etap rozdział tom kwartał dzień rok raz semestr wyścig konkurs festiwal zjazd mecz poziom tydzień |
    ego = wieku etapu rozdziału tomu kwartału dnia roku tygodnia wojennego semestru konkursu miejsca piętra
        półrocza |
    ym = wiekiem etapie rozdziale tomie kwartale piętrze miejscu dniu tygodniu konkursie półroczu okrążeniu |
    e = miejsce piętro półrocze okrążenie urodziny imieniny posiedzenie zdanie pytanie |
    ych = urodzin imienin urodzinach |
    a = liga klasa wojna runda tura edycja rocznica połowa osoba grupa część seria Rzeczpospolita Rzesza RP
        brygada dywizja armia |
    ej = ligi lidze klasy klasie wojny wojnie rundy rundzie tury turze edycji rocznicy połowie połowy osoby
        grupy grupie części serii Rzeszy |
    ą = ligę klasę wojnę rundę turę edycję rocznicę połowę osobę grupę ligą klasą wojną rundą turą edycją
        rocznicą połową
""")
_QUEENS = listed("elżbiet katarzyn mari ann izabel wiktori małgorzat jadwig krystyn")
_NOT_NAMES = set(
    listed("""
    podczas przed przez dla przy nad pod między początek koniec połowa jest był była trwa nasz nasza wielka jego
    jej ich gdy kiedy oraz ale lub wojna wersja plan opcja grupa strefa
""")
)
_LOCATIVE_PREPOSITIONS = {"w", "we", "na", "po", "przy", "o"}
_SUFFIXES = grouped("""
    y = szy gi ci ty y my sty |
    a = sza ga cia ta a ma sta |
    e = sze gie cie te e me ste |
    ego = go ego szego giego ciego tego |
    ej = ej szej giej ciej tej mej |
    ą = szą gą cią tą ą mą |
    ym = szym gim cim tym ym im mym |
    emu = mu emu temu |
    ych = ych tych
""")


def ordinal_rules() -> Sequence[Rule]:
    """Returns the rules for Roman numerals and ordinals, in order of application."""
    return [*_romans(), *_ordinals()]


def page_rules() -> Sequence[Rule]:
    """Returns the rule for ranges of pages, such as `s. 5-7`."""
    return page_spans(r"str\.|s\.|stron(?:ach|ie|[aęy])", _pages)


def _pages(match: Match, low: int, high: int) -> str:
    noun = "stronach" if word_before(match) in {"na", "o"} else "strony"
    return capitalized_as(match["noun"], f"{noun} od {ordinal(low, 'ej')} do {ordinal(high, 'ej')}")


def _romans() -> list[Rule]:
    numeral = "(?P<numeral>[IVX]{1,7})"
    before_noun = (
        rf"{START}{numeral}(?={SPACE}(?P<noun>\p{{Ll}}{{2,}}|RP|Rzesz\p{{L}}|Rzeczpospolit\p{{L}}|w\.)"
        rf"(?P<next>{SPACE}\p{{Ll}}+)?)"
    )
    century = rf"{START}{numeral}{SPACE}w\.(?P<last>(?=\Z))?"
    behind = rf"(?<=(?<!\p{{L}})(?P<noun>[Ww]iek|[Ww]ieku|[Ww]iekiem){SPACE}){numeral}(?![\p{{L}}\p{{N}}])"
    ruler = rf"(?<![\p{{L}}])(?P<name>\p{{Lu}}\p{{Ll}}{{2,}}){SPACE}{numeral}(?![\p{{L}}\p{{N}}'’-]|\.{SPACE}?\p{{Lu}})"
    part = rf"(?<=(?<!\p{{L}})(?i:{PARTS_OF_WORKS}){SPACE}){numeral}(?![\p{{L}}\p{{N}}])"
    return [
        Rule(lazy(part), lambda match: str(roman_value(match["numeral"]) or match["numeral"]), "IVX"),
        Rule(lazy(century), _century, "IVX"),
        Rule(lazy(behind), _century_behind, "IVX"),
        Rule(lazy(rf"{START}(?P<numeral>II?){SPACE}poł\."), _half_of_century, "I"),
        Rule(lazy(before_noun), lambda match: _roman_ordinal(match) if match["noun"] in _NOUNS else None, "IVX"),
        Rule(lazy(ruler), _ruler, "IVX"),
        Rule(lazy(before_noun), _roman_ordinal, "IVX"),
    ]


def _century(match: Match) -> str | None:
    value = roman_value(match["numeral"])
    if value is None:
        return None
    before = next(iter(words_before(match)), "")
    last = "." if match["last"] is not None else ""
    if before in {"w", "we", "po", "o"}:
        return f"{ordinal(value, 'ym')} wieku{last}"
    if before in {
        "z",
        "od",
        "do",
        "początek",
        "początku",
        "koniec",
        "końcu",
        "końca",
        "połowa",
        "połowie",
        "połowy",
        "poł",
    }:
        return f"{ordinal(value, 'ego')} wieku{last}"
    return f"{ordinal(value, 'y')} wiek{last}"


def _half_of_century(match: Match) -> str:
    oblique = word_before(match) in {"w", "z", "od", "do"}
    ordinal_word = ordinal(len(match["numeral"]), "ej" if oblique else "a")
    return f"{ordinal_word} {'połowie' if word_before(match) == 'w' else 'połowy' if oblique else 'połowa'}"


def _century_behind(match: Match) -> str | None:
    value = roman_value(match["numeral"])
    ending = {"wiek": "y", "wiekiem": "ym"}.get(
        match["noun"].casefold(), "ym" if words_before(match)[1:2] == ["w"] else "ego"
    )
    return None if value is None else ordinal(value, ending)


def _roman_ordinal(match: Match) -> str | None:
    value = roman_value(match["numeral"])
    noun = match["noun"]
    if value is None or (noun not in _NOUNS and len(match["numeral"]) < 2):
        return None
    return ordinal(value, _noun_ending(noun, word_before(match)))


def _ruler(match: Match) -> str | None:
    value = roman_value(match["numeral"])
    if value is None or match["numeral"] == "X" or match["name"].casefold() in _NOT_NAMES:
        return None
    return f"{match['name']} {ordinal(value, _name_ending(match['name'].casefold())).capitalize()}"


def _name_ending(name: str) -> str:
    is_queen = any(name.startswith(stem) for stem in _QUEENS)
    if is_queen:
        return {"a": "a", "ę": "ą", "ą": "ą"}.get(name[-1], "ej")
    if name.endswith("owi"):
        return "emu"
    if name.endswith(("em", "u")):
        return "ym"
    return "ego" if name.endswith(("a", "ego")) else "y"


def _ordinals() -> list[Rule]:
    number = r"(?P<number>[1-9][0-9]{0,3})"
    dotted = rf"{START}{number}\.(?={SPACE}(?P<noun>\p{{Ll}}{{3,}})(?!\p{{L}}|\.(?![\s)\"”]{{0,3}}\Z)))"
    suffixed = rf"{START}{number}-(?P<suffix>{any_of(_SUFFIXES)})(?![\p{{L}}\p{{N}}])"
    # A space instead of the hyphen is wrong, but Home Assistant writes it in the names of timers.
    duration = "minutow|sekundow|godzinn"
    adjective = (
        rf"{duration}|letni|dniow|tygodniow|miesięczn|osobow|pokojow|piętrow|procentow|stopniow|krotn|metrow|kilometrow|"
        r"litrow|kilogramow|watow|calow|punktow|stronicow|rdzeniow"
    )
    compound = (
        rf"{START}(?P<number>[1-9][0-9]{{0,2}})(?:[-\u2010\u2011](?=(?:{adjective})\p{{Ll}}{{0,4}}(?!\p{{L}}))"
        rf"|{SPACE}(?=(?:{duration})(?:[aeyą]|ej|ego|emu|ym|ych|ymi)(?!\p{{L}})))"
    )
    return [
        Rule(lazy(compound), lambda match: prefix(int(match["number"])), (DIGITS, follows_number("lmsgdtopkwcr"))),
        Rule(lazy(suffixed), lambda match: ordinal(int(match["number"]), _SUFFIXES[match["suffix"]]), INNER_DASHES),
        Rule(
            lazy(dotted),
            lambda match: ordinal(int(match["number"]), _noun_ending(match["noun"], word_before(match))),
            DIGITS,
        ),
    ]


def _noun_ending(noun: str, before: str) -> str:
    """Returns the ending of an ordinal before `noun`. For a noun that is not in `_NOUNS`, the last letters determine
    the ending.
    """
    if noun in _NOUNS:
        ending = _NOUNS[noun]
        return "ym" if ending == "ego" and noun.endswith("u") and before in _LOCATIVE_PREPOSITIONS else ending
    if noun.endswith("u"):
        return "ym" if before in _LOCATIVE_PREPOSITIONS else "ego"
    if noun.endswith(("ce", "dze")) and before in _LOCATIVE_PREPOSITIONS:
        return "ej"
    endings = (
        ("owi", "emu"),
        ("em", "ym"),
        ("ach", "ych"),
        ("ę", "ą"),
        ("ą", "ą"),
        ("a", "a"),
        ("o", "e"),
        ("ie", "ym"),
    )
    return next(
        (ending for letters, ending in (*endings, ("e", "e"), ("y", "ej"), ("i", "ej")) if noun.endswith(letters)), "y"
    )
