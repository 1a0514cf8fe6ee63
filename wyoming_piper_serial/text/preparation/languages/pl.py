"""Rules for Polish."""

from collections.abc import Sequence

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.amounts import Money, counted_units, fractions, money, unit_ranges
from wyoming_piper_serial.text.preparation.builders import (
    SPACE,
    START,
    abbreviations,
    any_of,
    capitalized_as,
    digit_strings,
    fine_particles,
    grouped,
    listed,
    ranges,
    table,
    word_before,
)
from wyoming_piper_serial.text.preparation.compact_durations import compact_durations
from wyoming_piper_serial.text.preparation.coordinates import coordinates
from wyoming_piper_serial.text.preparation.dates_before_times import dates_before_times
from wyoming_piper_serial.text.preparation.genitives import genitives
from wyoming_piper_serial.text.preparation.languages.pl_dates import (
    compact_duration,
    date_before_time,
    date_rules,
    time_rules,
)
from wyoming_piper_serial.text.preparation.languages.pl_numerals import (
    cardinal,
    feminine,
    genitive,
    instrumental,
    locative,
    ordinal,
    plural,
)
from wyoming_piper_serial.text.preparation.languages.pl_ordinals import PARTS_OF_WORKS, ordinal_rules, page_rules
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.obliques import Case, obliques, unit_obliques
from wyoming_piper_serial.text.preparation.passage import COUNTS, RANGES, Match, Rule, has_letter, has_word
from wyoming_piper_serial.text.preparation.signs import Signs, signs

_DIGITS = listed("zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć")
_ABBREVIATIONS = table("""
    np. = na przykład | itd. = i tak dalej | itp. = i tym podobne | tj. = to jest | tzn. = to znaczy
    tzw. = tak zwany | m.in. = między innymi | m. in. = między innymi | godz. = godzina | prof. = profesor
    dr hab. = doktor habilitowany | dr = doktor | mgr = magister | inż. = inżynier | hab. = habilitowany
    doc. = docent | płk = pułkownik | kpt. = kapitan | ks. = ksiądz | tel. = telefon | nr = numer | nry = numery
    wg = według | ww. = wyżej wymieniony | ds. = do spraw | br. = bieżącego roku | ub. r. = ubiegłego roku
    ub.r. = ubiegłego roku | por. = porównaj | zob. = zobacz | dot. = dotyczący | jw. = jak wyżej
    cd. = ciąg dalszy | cdn. = ciąg dalszy nastąpi | p.n.e. = przed naszą erą | n.e. = naszej ery
    n.p.m. = nad poziomem morza | sp. z o.o. = spółka z o o | woj. = województwo | pow. = powiat | gm. = gmina
    red. = redaktor | wyd. = wydanie | ewent. = ewentualnie | ang. = angielski | niem. = niemiecki
    franc. = francuski | łac. = łaciński | pocz. = początek | poł. = połowa | kol. = kolega
    m.st. = miasta stołecznego | tzn = to znaczy | itd = i tak dalej | itp = i tym podobne | np = na przykład
    r.ż. = roku życia | i in. = i inni | wł. = właściwie | zm. = zmarł | ur. = urodzony | egz. = egzemplarz
""")
_BEFORE_NUMBER = table("""
    ok. = około | Ok. = Około | maks. = maksymalnie | min. = minimum | s. = strona | str. = strona | rozdz. = rozdział
    art. = artykuł | ust. = ustęp | rys. = rysunek | tab. = tabela | t. = tom | m. = mieszkanie | lok. = lokal
    poz. = pozycja | p. = piętro | cz. = część | par. = paragraf | pkt. = punkt | zał. = załącznik | przyp. = przypis
    dz. = dział | zd. = zdanie
""")
_LOCATIVES = {
    "strona": "stronie",
    "rysunek": "rysunku",
    "tabela": "tabeli",
    "rozdział": "rozdziale",
    "artykuł": "artykule",
    "ustęp": "ustępie",
    "załącznik": "załączniku",
    "przypis": "przypisie",
    "dział": "dziale",
}
_SEE = lazy(r"(?i:(?<!\p{L})(?:zob\.|por\.|zobacz|porównaj)\s?)\Z")
# The label of a part of a law before a number, such as `ust.` in `ust. 2 pkt 3`. The `pkt` after this number is also a
# label, not a counted noun.
_PART_BEFORE = lazy(r"(?i:(?<!\p{L})(?:art\.|artykuł\p{L}*|ust\.|ustęp\p{L}*|par\.|paragraf\p{L}*|§))\s?\Z")
_ACCUSATIVES = {"strona": "stronę", "tabela": "tabelę", "pozycja": "pozycję"}
# The forms of nouns after a number: singular, paucal, plural, and the genitive singular for use after a decimal number.
_COUNTED = {
    **dict.fromkeys(("tys.", "tys"), ("tysiąc", "tysiące", "tysięcy", "tysiąca")),
    **dict.fromkeys(("mln", "mln."), ("milion", "miliony", "milionów", "miliona")),
    **dict.fromkeys(("mld", "mld."), ("miliard", "miliardy", "miliardów", "miliarda")),
    **dict.fromkeys(("bln", "bln."), ("bilion", "biliony", "bilionów", "biliona")),
    "gr": ("grosz", "grosze", "groszy", "grosza"),
    "pkt": ("punkt", "punkty", "punktów", "punktu"),
    "szt.": ("sztuka", "sztuki", "sztuk", "sztuki"),
    "os.": ("osoba", "osoby", "osób", "osoby"),
    "godz.": ("godzina", "godziny", "godzin", "godziny"),
    "min.": ("minuta", "minuty", "minut", "minuty"),
    "sek.": ("sekunda", "sekundy", "sekund", "sekundy"),
    "mies.": ("miesiąc", "miesiące", "miesięcy", "miesiąca"),
    "tyg.": ("tydzień", "tygodnie", "tygodni", "tygodnia"),
    "proc.": ("procent", "procent", "procent", "procent"),
}
_COUNTED_SHORT = any_of(noun.rstrip(".") for noun in _COUNTED)
_BEFORE_RANGE = {"za", "na", "w", "od", "o", "po", "przez", "co", "z"}
_FEMININE_UNITS = set(listed("h min s ms Wh kWh MWh GWh Ah mAh cal kcal t mi oz gal"))
_FEMININE = {"szt.", "os.", "godz.", "min.", "sek."}
_FEMININE_PAUCAL = any_of(
    listed("""
    godziny minuty sekundy doby osoby lampy żarówki łyżki łyżeczki szklanki butelki strony kropki mile tony
    kobiety sztuki noce rzeczy części próby wiadomości aktualizacje automatyzacje czujki kamery rolety bramy
    sypialnie łazienki raty książki róże porcje kilowatogodziny megawatogodziny watogodziny kalorie kilokalorie
""")
)
_FEMININE_ONE = grouped("""
    jedna = godzina minuta sekunda doba osoba lampa łyżka łyżeczka szklanka strona sztuka wiadomość |
    jedną = godzinę minutę sekundę dobę osobę lampę łyżkę łyżeczkę szklankę stronę sztukę
""")
_GENITIVE_PREPOSITIONS = "do|od|bez|dla|około|powyżej|poniżej|oprócz|zamiast|wokół|według|spośród|ciągu"
_CASES = (
    Case("w|we|o|po|przy|na", r"\p{Ll}{2,20}ach", locative),
    Case("z|ze|przed|za|nad|pod|między|pomiędzy", r"\p{Ll}{2,20}ami", instrumental),
)
# The ending of the genitive plural of a unit, and that of its locative plural.
_LOCATIVE_ENDINGS = (
    *(("ów", "ach"), ("li", "lach"), ("ji", "jach"), ("ii", "iach"), ("ni", "niach"), ("ci", "ciach")),
    *(("ięcy", "iącach"), ("stóp", "stopach"), ("żek", "żkach"), ("czek", "czkach")),
)
_PLACES = {
    "ul.": ("ulica", "ulicy", "ulicę", "ulicą"),
    "al.": ("aleja", "alei", "aleję", "aleją"),
    "pl.": ("plac", "placu", "plac", "placem"),
    "os.": ("osiedle", "osiedlu", "osiedle", "osiedlem"),
}
_CURRENCIES = {
    **dict.fromkeys(("zł", "PLN"), (("złoty", "złote", "złotych"), ("grosz", "grosze", "groszy"))),
    **dict.fromkeys(("€", "EUR", "euro"), (("euro", "euro", "euro"), ("cent", "centy", "centów"))),
    **dict.fromkeys(("$", "US$", "US-$", "U$S", "USD"), (("dolar", "dolary", "dolarów"), ("cent", "centy", "centów"))),
    **dict.fromkeys(("£", "GBP"), (("funt", "funty", "funtów"), ("pens", "pensy", "pensów"))),
    "CHF": (("frank", "franki", "franków"), ("centym", "centymy", "centymów")),
}
_CODES = (
    "PIN|PIN-u|[Kk]od|[Hh]asło|[Nn]umer|[Tt]el\\.?|[Tt]elefon|[Tt]elefonu|[Nn]r tel\\.?|[Dd]zwoń pod|"
    "[Zz]adzwoń pod|[Ll]ot|"
    "[Nn]umer alarmowy|NIP|PESEL|REGON|[Ii]nfolinia"
)
_DIRECTIONS = """
    szerokości północnej = N | szerokości południowej = S | długości wschodniej = E | długości zachodniej = W
"""
_SIGNS = Signs(
    times="razy",
    minus="minus",
    squared="do kwadratu",
    cubed="do sześcianu",
    power="do potęgi",
    less="mniejsze niż",
    greater="większe niż",
    about="około",
    number="numer",
    equals="równa się",
    conjunction="i",
    root="pierwiastek z",
    unequal="nie równa się",
    plus_minus="plus minus",
    at_most="mniejsze lub równe",
    at_least="większe lub równe",
    divided="podzielić przez",
    section="paragraf",
)


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Polish rules that run before the core rules for all languages, in order of application."""
    return [
        coordinates(locale, _DIRECTIONS, count=_count_unit),
        *compact_durations(locale, compact_duration),
        *dates_before_times(locale, date_before_time),
        *date_rules(),
        *digit_strings(_DIGITS, plus="plus", contexts=_CODES),
        *money(locale, _CURRENCIES, _money),
        *time_rules(),
        *counted_units(locale, lambda number, unit, _: _count_unit(number, unit), number="[0-9]{0,5}[12]", digits="12"),
        Rule(_word_range(), _range, RANGES),
        *unit_ranges(locale, _unit_range),
        *page_rules(),
        *ranges("do"),
        *fractions(locale, _fraction),
        *ordinal_rules(),
        *signs(_SIGNS),
        fine_particles("2,5"),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Polish rules that run after the core rules for all languages, in order of application."""
    del locale
    count = (
        rf"{START}(?P<number>[0-9]{{1,3}}(?:[ \u00a0\u202f][0-9]{{3}}){{0,3}}|[0-9]{{1,9}})"
        rf"(?P<decimals>[.,][0-9]{{1,3}})?"
    )
    counted = rf"{count}{SPACE}?(?P<noun>{any_of(_COUNTED)})(?P<last>(?=[\"”)]?\Z))?(?![\p{{L}}\p{{N}}])"
    two = rf"{START}(?P<number>[0-9]{{0,6}}2)(?={SPACE}{_FEMININE_PAUCAL}(?!\p{{L}}))"
    one = rf"{START}1(?={SPACE}(?P<noun>{any_of(_FEMININE_ONE)})(?!\p{{L}}))"
    place = rf"(?<![\p{{L}}\p{{N}}])(?P<place>[UuAaPpOo][lls]\.)(?={SPACE}?(?:\p{{Lu}}|[0-9]|św))"
    saint = rf"(?<![\p{{L}}\p{{N}}])(?P<saint>[Śś]w\.)(?={SPACE}?(?P<name>\p{{Lu}}\p{{L}}+))"
    zloty = rf"(?<=(?:tysi[ąę]c[ey]?|tysiąca|mili(?:on|ard)(?:y|ów|a)?){SPACE})zł(?!\p{{L}})"
    return [
        Rule(lazy(counted), _counted, COUNTS),
        Rule(lazy(zloty), lambda _: "złotych", has_word(["zł"])),
        Rule(lazy(two), lambda match: feminine(int(match["number"])), ("2", has_letter)),
        Rule(lazy(one), lambda match: _FEMININE_ONE[match["noun"]], ("1", has_letter)),
        Rule(lazy(place), _place, (".", has_letter)),
        Rule(lazy(saint), _saint, has_word(["w."])),
        Rule(
            lazy(rf"(?<![\p{{L}}\p{{N}}])(?P<title>dr|prof|mgr|inż)\.(?={SPACE}?\p{{Lu}})"), _title, (".", has_letter)
        ),
        Rule(_page(), _located, COUNTS),
        abbreviations({"im.": "imienia", "gen.": "generał"}, after=rf"(?={SPACE}?\p{{Lu}})"),
        abbreviations({"lit.": "litera"}, after=rf"(?={SPACE}\p{{L}}(?![\p{{L}}\p{{N}}]))"),
        abbreviations({"i n.": "i następne", "i nast.": "i następne"}, before=rf"(?<=[0-9]{SPACE}?)"),
        abbreviations(_ABBREVIATIONS),
    ]


def agreement_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Polish rules for numbers after prepositions."""
    # The core rules have written the unit in the nominative.
    one = rf"(?<=(?<!\p{{L}})(?i:za|przez|na|co|o){SPACE})jedna{SPACE}(?P<noun>\p{{Ll}}+)a(?!\p{{L}})"
    return [
        Rule(lazy(one), lambda match: f"jedną {match['noun']}ę", has_word(["jedna"])),
        genitives(locale, _GENITIVE_PREPOSITIONS, _genitive_of),
        unit_obliques(locale, "przy", locative, _locative_plural),
        *obliques(_CASES, "i"),
    ]


def _locative_plural(genitive_plural: str) -> str | None:
    """Returns the locative plural of a unit, such as `stopniach` for `stopni`. Returns `None` for an adjective, because
    the noun after it would need the same case.
    """
    if genitive_plural.endswith(("ich", "ych", "koni")):
        return None
    for ending, other in _LOCATIVE_ENDINGS:
        if genitive_plural.endswith(ending):
            return genitive_plural.removesuffix(ending) + other
    return f"{genitive_plural}ach"


def _genitive_of(number: int, noun: str) -> str:
    return "jednej" if number == 1 and noun.endswith(("y", "i")) else genitive(number)


def _page() -> regex.Pattern[str]:
    labels = [*_BEFORE_NUMBER, *(capitalized_as("A", label) for label in _BEFORE_NUMBER if len(label) > 2)]
    number = rf"{SPACE}?(?:[0-9]|[IVX]{{1,6}}(?![\p{{L}}\p{{N}}]))"
    return lazy(rf"(?<![\p{{L}}\p{{N}}.])(?P<short>{any_of(labels)})(?={number})")


def _located(match: Match) -> str:
    noun = _BEFORE_NUMBER[match["short"][0].lower() + match["short"][1:]]
    if match["short"][0].isupper():
        return capitalized_as("A", noun)
    if _SEE.search(match.string[max(0, match.start() - 12) : match.start()]):
        return _ACCUSATIVES.get(noun, noun)
    return _LOCATIVES.get(noun, noun) if word_before(match) in {"na", "w", "po"} else noun


def _count_unit(number: str, unit: str) -> str | None:
    return feminine(int(number)) if unit in _FEMININE_UNITS and number.isdigit() else None


def _number(match: Match) -> int:
    return int(regex.sub("[^0-9]", "", match["number"]))


def _counted(match: Match) -> str:
    one, few, many, part = _COUNTED[match["noun"]]
    if match["noun"] == "pkt" and _PART_BEFORE.search(match.string[max(0, match.start() - 20) : match.start()]):
        return f"{match['number']} punkt"
    last = "." if match["noun"].endswith(".") and match["last"] is not None else ""
    if match["decimals"]:
        return f"{match['number']}{match['decimals'].replace('.', ',')} {part}{last}"
    number = _number(match)
    if number < 10_000 and regex.fullmatch(_GENITIVE_PREPOSITIONS, word_before(match)):
        noun = part if number == 1 else many
        return f"{_genitive_of(number, noun)} {noun}{last}"
    is_large = match["noun"].rstrip(".") in {"tys", "mln", "mld", "bln"}
    words = feminine(number) if match["noun"] in _FEMININE else cardinal(number)
    return f"{'' if number == 1 and is_large else words} {plural(number, one, few, many)}{last}".lstrip()


def _money(amount: Money) -> str:
    units, hundredths = _CURRENCIES[amount.currency]
    words = ["minus"] if amount.negative else []
    if amount.units or not amount.hundredths:
        number = "jedno" if amount.units == 1 and units[0] == "euro" else cardinal(amount.units)
        words += [number, plural(amount.units, *units)]
    if amount.hundredths:
        words += [cardinal(amount.hundredths), plural(amount.hundredths, *hundredths)]
    return " ".join(words)


def _word_range() -> regex.Pattern[str]:
    number = r"[1-9][0-9]{0,3}"
    return lazy(
        rf"{START}(?P<low>{number})(?P<dash>{SPACE}?[-–—]{SPACE}?)(?P<high>{number})(?={SPACE}"
        rf"(?P<noun>(?!{_COUNTED_SHORT}(?!\p{{L}}))\p{{Ll}}{{3,}})(?!\p{{L}}|\.(?![\s)\"”]{{0,3}}\Z)))"
    )


def _range(match: Match) -> str | None:
    low, high = int(match["low"]), int(match["high"])
    if low >= high:
        return None
    if plural(high, "", "few", "many") == "few":
        say = feminine if regex.fullmatch(_FEMININE_PAUCAL, match["noun"]) else cardinal
        return f"{say(low)}, {say(high)}"
    if word_before(match) in _BEFORE_RANGE:
        return f"{cardinal(low)} do {genitive(high)}"
    return f"od {genitive(low)} do {genitive(high)}"


def _unit_range(low: int, high: int, unit: str, match: Match) -> tuple[str, str]:
    if plural(high, "", "few", "many") == "few":
        say = feminine if unit in _FEMININE_UNITS else cardinal
        return f"{say(low)}, ", say(high)
    if word_before(match) in _BEFORE_RANGE:
        return f"{cardinal(low)} do ", genitive(high)
    return f"od {genitive(low)} do ", genitive(high)


def _fraction(whole: int, numerator: int, denominator: int, match: Match) -> str | None:
    if regex.fullmatch(f"{PARTS_OF_WORKS}|strona|krok|lekcja|utwór|ścieżka", word_before(match)):
        return f"{cardinal(numerator)} z {genitive(denominator)}"
    following = match["noun"] or ""
    if denominator == 2:
        if whole == 1:
            is_feminine = regex.match(r"\p{Ll}+[yi](?!\p{L})", following) is not None
            return "półtorej" if is_feminine else "półtora"
        return f"{cardinal(whole)} i pół" if whole else "pół"
    if denominator > 12 and denominator not in {16, 20, 100}:
        return None
    ending = "a" if numerator == 1 else "e" if plural(numerator, "", "few", "") else "ych"
    words = f"{feminine(numerator)} {ordinal(denominator, ending)}"
    return f"{cardinal(whole)} i {words}" if whole else words


def _place(match: Match) -> str | None:
    forms = _PLACES.get(match["place"].casefold())
    if forms is None:
        return None
    before = word_before(match)
    following = regex.match(r"\s*\p{L}+", match.string[match.end() : match.end() + 30])
    is_oblique = following is not None and following[0].endswith(("iej", "ej", "ego"))
    if before in {"przy", "na", "z", "ze", "od", "do", "w", "o", "po", "u"} or (
        is_oblique and before not in {"przez", "pod", "nad"}
    ):
        place = forms[1]
    else:
        place = forms[2] if before == "przez" else forms[3] if before in {"pod", "nad", "przed", "za"} else forms[0]
    return place.capitalize() if match["place"][0].isupper() else place


def _saint(match: Match) -> str:
    name = match["name"]
    endings = (
        ("ego", "ętego"),
        ("em", "ętym"),
        ("owi", "ętemu"),
        ("y", "ętej"),
        ("i", "ętej"),
        ("ie", "ętej"),
        ("ę", "ętą"),
        ("ą", "ętą"),
    )
    if name in {"Anna", "Maria", "Barbara", "Katarzyna", "Teresa", "Faustyna", "Łucja", "Jadwiga", "Kinga", "Rita"}:
        ending = "ęta"
    elif name in {"Antoni", "Jerzy", "Idzi"}:
        ending = "ęty"
    else:
        ending = next(
            (form for letters, form in endings if name.endswith(letters)), "ętego" if name.endswith("a") else "ęty"
        )
    return f"{match['saint'][0]}wi{ending}"


def _title(match: Match) -> str:
    title = {"dr": "doktor", "prof": "profesor", "mgr": "magister", "inż": "inżynier"}[match["title"]]
    is_oblique = match["title"] == "dr" or word_before(match) in {"z", "do", "od", "u", "dla", "bez", "według"}
    if not is_oblique or match["title"] == "inż":
        return title
    return "magistra" if title == "magister" else f"{title}a"
