"""Rules for German."""

from collections.abc import Sequence

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.amounts import Money, counted_scales, counted_units, fractions, money
from wyoming_piper_serial.text.preparation.builders import (
    END,
    SPACE,
    START,
    abbreviations,
    any_of,
    digit_strings,
    fine_particles,
    listed,
    page_ranges,
    ranges,
    roman_value,
    spelled,
    table,
    word_before,
    words_before,
)
from wyoming_piper_serial.text.preparation.compact_durations import compact_durations
from wyoming_piper_serial.text.preparation.conditions import follows_number
from wyoming_piper_serial.text.preparation.coordinates import coordinates
from wyoming_piper_serial.text.preparation.dates_before_times import dates_before_times
from wyoming_piper_serial.text.preparation.languages.de_dates import (
    compact_duration,
    date_before_time,
    date_rules,
    time_rules,
    year_rules,
)
from wyoming_piper_serial.text.preparation.languages.de_numerals import (
    DETERMINED,
    KNOWN_NOUNS,
    cardinal,
    ending,
    one,
    ordinal,
)
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import DASHES, DIGITS, Match, Rule, has_letter, has_word
from wyoming_piper_serial.text.preparation.references import references
from wyoming_piper_serial.text.preparation.signs import Signs, signs

_DIGITS = listed("null eins zwei drei vier fünf sechs sieben acht neun")
# Words that often begin a sentence. A dot before such a word ends a sentence.
_OPENERS = any_of(
    listed("""
    Der Die Das Den Dem Des Ein Eine Einen Es Er Sie Ich Wir Ihr Du Und Oder Aber Wenn Dann Danach Heute Morgen
    Gestern In Im Am An Auf Bei Mit Von Vom Zu Zum Zur Nach Vor Für Ist Sind War Hat Haben Dies Diese Dieser
    Dieses Hier Dort Da So Wie Was Wer Wo Wann Warum Alle Alles Auch Bitte Ja Nein Nun Nur Noch Jetzt Mein Dein
    Sein Man
""")
)
_ABBREVIATIONS = table("""
    z. B. = zum Beispiel | d. h. = das heißt | u. a. = unter anderem | o. ä. = oder ähnlich | o. Ä. = oder Ähnliches
    u. ä. = und ähnlich | u. Ä. = und Ähnliches | u. U. = unter Umständen | i. d. R. = in der Regel
    z. T. = zum Teil | z. Zt. = zurzeit | z. Z. = zurzeit | v. a. = vor allem | i. A. = im Auftrag
    a. D. = außer Dienst | s. o. = siehe oben | s. u. = siehe unten | m. E. = meines Erachtens
    h. c. = honoris causa
    d. J. = dieses Jahres | u. v. m. = und vieles mehr | o. g. = oben genannt | n. Chr. = nach Christus
    v. Chr. = vor Christus | s. a. = siehe auch | u. s. w. = und so weiter | a. M. = am Main | usw. = und so weiter
    usw = und so weiter | bzw = beziehungsweise | usf. = und so fort | uvm. = und vieles mehr | etc. = et zetera
    bzw. = beziehungsweise | ca. = zirka | vgl. = vergleiche | inkl. = inklusive | exkl. = exklusive
    mtl. = monatlich | zw. = zwischen
    zzgl. = zuzüglich | abzgl. = abzüglich | ggf. = gegebenenfalls | evtl. = eventuell | evt. = eventuell
    bspw. = beispielsweise | sog. = sogenannte | mind. = mindestens | zzt. = zurzeit | insb. = insbesondere
    insbes. = insbesondere | allg. = allgemein | gem. = gemäß | lt. = laut | jährl. = jährlich | tägl. = täglich
    versch. = verschiedene | Dr. = Doktor | Prof. = Professor | Hr. = Herr | Hrn. = Herrn | Dipl. = Diplom
    Ing. = Ingenieur | Fam. = Familie | geb. = geborene | verh. = verheiratet | Str. = Straße | Tel. = Telefon
    Hbf. = Hauptbahnhof | Hbf = Hauptbahnhof | Bhf. = Bahnhof | Mwst. = Mehrwertsteuer | MwSt. = Mehrwertsteuer
    Stk. = Stück | Std. = Stunden | Min. = Minuten | Sek. = Sekunden | Tsd. = Tausend | Mio. = Millionen
    Mrd. = Milliarden | Mio = Millionen | Mrd = Milliarden | Abt. = Abteilung | Anm. = Anmerkung | Aufl. = Auflage
    Bsp. = Beispiel | Betr. = Betreff | Jh. = Jahrhundert | Jhd. = Jahrhundert | Jhdt. = Jahrhundert | Nr. = Nummer
    Nrn. = Nummern | Abs. = Absatz | engl. = englisch | dt. = deutsch | kath. = katholisch
""")
_BEFORE_NUMBER = table("""
    max. = maximal | min. = minimal | Kap. = Kapitel | Abb. = Abbildung | S. = Seite | Bd. = Band | Ziff. = Ziffer
    Zi. = Zimmer | Tab. = Tabelle | Art. = Artikel | H. = Heft | Std = Stunden
""")
_BEFORE_NAME = table("St. = Sankt | Fr. = Frau | Frl. = Fräulein")
_SINGULAR = table("""
    Std. = Stunde | Std = Stunde | Min. = Minute | Sek. = Sekunde | Mio. = Million | Mrd. = Milliarde
    Mio = Million | Mrd = Milliarde | Stunde = Stunde | Minute = Minute | Sekunde = Sekunde | Woche = Woche
    Bio. = Billion | Bio = Billion | Million = Million | Milliarde = Milliarde | Billion = Billion
    Tasse = Tasse | Person = Person | Lampe = Lampe
""")
_NEUTER = any_of(listed("Grad Prozent Kilo Gramm Licht Gerät Fenster Jahr Uhr Update Zimmer"))
_MASCULINE = any_of(
    listed("Euro Cent Kilometer Meter Liter Tag Monat Timer Punkt Schritt Raum Termin Eintrag Titel Becher")
)
_ONE_BY_ENDING = {"er": "ein", "es": "ein", "e": "eine", "en": "einen", "em": "einem"}
_CURRENCIES = {
    **dict.fromkeys(("€", "EUR", "Euro"), ("Euro", "Cent")),
    **dict.fromkeys(("$", "US$", "US-$", "U$S", "USD", "Dollar", "US-Dollar"), ("Dollar", "Cent")),
    **dict.fromkeys(("£", "GBP", "Pfund"), ("Pfund", "Pence")),
    **dict.fromkeys(("CHF", "SFr.", "Franken"), ("Franken", "Rappen")),
}
_GENDERS = {
    **dict.fromkeys(listed("h min s ms µs ns Wh kWh MWh GWh Ah mAh cal kcal t mi nmi oz gal week Mio. Mrd. Bio."), "f"),
    **dict.fromkeys(listed("m km dm cm mm µm nm l ml cl dl hl"), "m"),
}
_SCALES = dict.fromkeys(listed("Tsd. Tsd Tausend T k"), "n")
_HALVES = (
    ("eine halbe", "Tasse Stunde Packung Dose Zwiebel Zitrone Flasche Kanne Portion Seite Minute Pizza Million"),
    ("ein halbes", "Kilo Kilogramm kg Gramm Pfund Glas Jahr Brot Päckchen Dutzend"),
    ("einen halben", "Liter l Löffel Esslöffel Teelöffel TL EL Becher Tag Monat Meter m Kilometer km Zentimeter cm"),
)
_PARTS = {3: "Drittel", 7: "Siebtel", 8: "Achtel", 16: "Sechzehntel", 20: "Zwanzigstel", 100: "Hundertstel"}
_CODES = (
    "PIN|Pin|TAN|Code|PLZ|Postleitzahl|Passwort|Kennwort|Notruf|Telefon|Telefonnummer|Rufnummer|Tel\\.?|Durchwahl|"
    "Handynummer|Kontonummer|Kundennummer|Bestellnummer|Hotline|Faxnummer|Vorwahl|[Ww]ählen Sie|[Ww]ähle|Flug"
)
_SIGNS = Signs(
    times="mal",
    minus="minus",
    squared="Quadrat",
    cubed="hoch drei",
    power="hoch",
    less="kleiner als",
    greater="größer als",
    about="ungefähr",
    number="Nummer",
    equals="gleich",
    root="Wurzel aus",
    unequal="ungleich",
    plus_minus="plus minus",
    at_most="kleiner oder gleich",
    at_least="größer oder gleich",
    divided="geteilt durch",
    section="Paragraf",
)
# Names of rulers. A single letter with a dot is a numeral only after one of these names, and not in a name such as
# `Peter V. Schmidt`.
_QUEENS = listed("elisabeth katharina margarethe maria isabella christina viktoria johanna anna beatrix")
_KINGS = listed(
    "ludwig wilhelm friedrich heinrich karl otto konrad philipp alexander nikolaus napoleon georg eduard ferdinand "
    "franz josef leopold maximilian rudolf johannes paul pius benedikt gregor leo innozenz clemens peter iwan jakob "
    "richard christian gustav adolf albert sigismund ramses xerxes darius"
)
_PARTS_OF_WORKS = "teil|kapitel|band|phase|akt|stufe|klasse|typ|kategorie|runde|hartz|episode|staffel|abschnitt"


# The noun after the last ordinal in an enumeration of ordinals.
_NOUN_OF_LIST = lazy(
    rf"(?:(?:,|/|{SPACE}?(?:bis|und|oder)){SPACE}?[0-9]{{1,4}}\.){{1,4}}{SPACE}(?P<noun>\p{{L}}{{1,30}})"
)


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the German rules that run before the core rules for all languages, in order of application."""
    return [
        *references(locale),
        coordinates(locale, "Nord = N | Süd = S | Ost = E O | West = W", count=_count_of_angle),
        *compact_durations(locale, compact_duration),
        *dates_before_times(locale, date_before_time),
        *date_rules(),
        *_emergency_numbers(),
        *digit_strings(_DIGITS, plus="plus", contexts=_CODES),
        *money(locale, _CURRENCIES, _money),
        *page_ranges("Seiten?|Kapitel|Kap\\.|S\\.|SS\\.|Nr\\.|Zimmer|Absätze|Verse", "bis"),
        *ranges("bis", score="zu"),
        *time_rules(),
        *counted_scales(locale, lambda _, scale, match: one(match, _SCALES.get(scale, "f")), number="1", digits="1"),
        *counted_units(locale, lambda _, unit, match: one(match, _GENDERS.get(unit, "n")), number="1", digits="1"),
        Rule(lazy(rf"{START}1{SPACE}?(?P<currency>{any_of(_CURRENCIES)})(?![\p{{L}}\p{{N}}/])"), _one_unit, "1"),
        Rule(lazy(rf"(?<![\p{{L}}\p{{N}}])[-−]1(?={SPACE}Grad)"), lambda match: f"minus {one(match)}", (DASHES, "1")),
        *fractions(locale, _fraction),
        *_romans(),
        Rule(lazy(rf"§§{SPACE}?(?=[0-9])"), lambda _: "Paragrafen ", "§"),
        *signs(_SIGNS),
        fine_particles("2,5"),
        *year_rules(),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the German rules that run after the core rules for all languages, in order of application."""
    del locale
    street = r"(?<=[\p{Ll}])str\.(?=[\s,;)]|\Z)|(?<=[\p{L}]-)Str\."
    feminine = rf"{START}1{SPACE}(?P<noun>{any_of(_SINGULAR)})(?![\p{{L}}])"
    one_and_adjective = rf"{START}1(?={SPACE}\p{{Ll}}{{3,}}(?P<ending>er|es|em|en|e){SPACE}\p{{Lu}})"
    return [
        *_ordinals(),
        Rule(
            lazy(feminine),
            lambda match: f"{one(match, 'f')} {_SINGULAR[match['noun']]}",
            ("1", has_letter),
        ),
        Rule(lazy(rf"{START}1(?={SPACE}{_NEUTER}(?!\p{{L}}))"), one, ("1", has_letter)),
        Rule(lazy(rf"{START}1(?={SPACE}{_MASCULINE}(?!\p{{L}}))"), lambda match: one(match, "m"), ("1", has_letter)),
        Rule(lazy(one_and_adjective), lambda match: _ONE_BY_ENDING[match["ending"]], ("1", has_letter)),
        Rule(lazy(street), lambda match: "Straße" if match[0] == "Str." else "straße", has_word(["tr."])),
        abbreviations(_BEFORE_NUMBER, after=rf"(?={SPACE}?[0-9])"),
        abbreviations(_BEFORE_NAME, after=rf"(?={SPACE}?\p{{Lu}})"),
        abbreviations(_ABBREVIATIONS),
        abbreviations({"u.": "und"}, after=rf"(?={SPACE}\p{{L}})"),
    ]


def _emergency_numbers() -> list[Rule]:
    call = rf"(?<=(?<!\p{{L}})(?i:ruft?|rufen{SPACE}Sie|wählt|die){SPACE}(?:die{SPACE}|bitte{SPACE}){{0,2}})"
    after_verb = rf"{call}11[02]{END}(?!{SPACE}\p{{Lu}})"
    before_verb = rf"{START}11[02](?={SPACE}(?:an(?:rufen)?|wählen)(?!\p{{L}}))"
    return spelled([lazy(f"{after_verb}|{before_verb}")], _DIGITS, "1")


def _ordinals() -> list[Rule]:
    number = r"(?P<number>[1-9][0-9]{0,3})\."
    determined = rf"(?<=(?<!\p{{L}})(?i:{any_of(DETERMINED)}){SPACE}){number}"
    noun = rf"(?={SPACE}(?!{_OPENERS}(?!\p{{L}}))(?P<noun>\p{{L}}+))"
    known = rf"(?={SPACE}(?P<noun>{KNOWN_NOUNS})(?![\p{{Ll}}]))"
    link = rf"{SPACE}?(?:bis(?:{SPACE}zum)?|und|oder|/|,){SPACE}?"
    first = rf"(?={link}[1-9][0-9]{{0,3}}\.(?:{SPACE}\p{{L}}|,))"
    second = rf"(?<=[0-9]\.{link}){number}(?={SPACE}(?P<noun>\p{{L}}+)|[,;)!?])"
    last = rf"(?P<last>(?=[\"“)]?\Z))?(?:(?=[,;:!?)])|(?={SPACE}?[–-])|(?=[\"“)]?\Z))"
    patterns = (determined + noun, determined + last, rf"{START}{number}{first}", second, rf"{START}{number}{known}")
    return [Rule(lazy(f"(?=[1-9])(?:{'|'.join(patterns)})"), _ordinal, (DIGITS, ".", follows_number(".")))]


def _ordinal(match: Match) -> str:
    fields = match.groupdict()
    before = words_before(match)
    if (
        before
        and before[0] in {"bis", "und", "oder", "zum"}
        and regex.search(r"[0-9]\.\s*\p{L}+\s\Z", match.string[: match.start()][-14:])
    ):
        before = before[1:]
    noun = fields.get("noun") or ""
    if not noun and (found := _NOUN_OF_LIST.match(match.string, match.end())):
        noun = found["noun"]
    words = ordinal(int(match["number"]), ending(before[:2], noun))
    return words + ("." if fields.get("last") is not None else "")


def _romans() -> list[Rule]:
    numeral = "(?P<numeral>[IVX]{1,7})"
    ruler = (
        rf"(?<![\p{{L}}])(?P<name>\p{{Lu}}\p{{Ll}}+)(?P<space>{SPACE}){numeral}\.?(?P<last>(?=\Z))?(?![\p{{L}}\p{{N}}])"
    )
    century = rf"{START}{numeral}\.(?={SPACE}(?P<noun>\p{{Lu}}\p{{L}}+))"
    part = rf"(?<=(?<!\p{{L}})(?i:{_PARTS_OF_WORKS}|bd\.|kap\.){SPACE}){numeral}(?![\p{{L}}\p{{N}}])"
    article = rf"(?<=(?<!\p{{L}})(?i:{any_of(_KINGS + _QUEENS)})s?{SPACE}(?P<article>der|die|dem|den|des){SPACE})"
    said = rf"{article}{numeral}\.?(?P<last>(?=\Z))?(?![\p{{L}}\p{{N}}])"
    return [
        Rule(lazy(part), lambda match: str(roman_value(match["numeral"]) or match["numeral"]), "IVX"),
        Rule(lazy(said), _ruler_with_article, "IVX"),
        Rule(lazy(ruler), _ruler, "IVX"),
        Rule(lazy(century), _roman_ordinal, "IVX"),
    ]


def _ruler(match: Match) -> str | None:
    value = roman_value(match["numeral"])
    genitive = match["name"].endswith("s")
    name = match["name"].casefold()
    if name in DETERMINED or regex.fullmatch(_OPENERS, match["name"]):
        return None
    stem = name.removesuffix("s")
    known = {name, stem}.intersection(_QUEENS + _KINGS)
    dotted = match[0].endswith(".")
    if len(match["numeral"]) == 1 and dotted and regex.match(rf"{SPACE}\p{{Lu}}", match.string[match.end() :][:2]):
        return None  # an initial, as in `Peter V. Schmidt`
    is_certain = known or (dotted and len(match["numeral"]) > 1)
    if value is None or not is_certain or (not dotted and match["numeral"] == "X"):
        return None
    queen = bool({name, stem}.intersection(_QUEENS))
    preposition = {"von", "mit", "unter", "bei", "nach", "seit", "zu", "gegen", "für", "durch"}.intersection(
        words_before(match)[:2]
    )
    if genitive and stem in known:
        article, end = ("der" if queen else "des"), "en"
    elif preposition:
        accusative = preposition <= {"gegen", "für", "durch"}
        article = ("die" if queen else "den") if accusative else ("der" if queen else "dem")
        end = "e" if queen and accusative else "en"
    else:
        article, end = ("die" if queen else "der"), "e"
    last = "." if dotted and match["last"] is not None else ""
    return f"{match['name']} {article} {ordinal(value, end).capitalize()}{last}"


def _ruler_with_article(match: Match) -> str | None:
    value = roman_value(match["numeral"])
    if value is None:
        return None
    is_dotted = match[0].endswith(".")
    return ordinal(value, "e" if match["article"] in {"der", "die"} else "en").capitalize() + (
        "." if is_dotted and match["last"] is not None else ""
    )


def _roman_ordinal(match: Match) -> str | None:
    value = roman_value(match["numeral"])
    single = len(match["numeral"]) == 1
    if value is None or (single and not regex.fullmatch(KNOWN_NOUNS, match["noun"])):
        return None
    return ordinal(value, ending(words_before(match)[:2], match["noun"]))


def _count_of_angle(number: str, unit: str) -> str | None:
    if number != "1":
        return None
    return "ein" if unit == "°" else "eine"


def _one_unit(match: Match) -> str:
    name = _CURRENCIES[match["currency"]][0]
    return f"{one(match, 'n' if name == 'Pfund' else 'm')} {name}"


def _money(amount: Money) -> str:
    units, hundredths = _CURRENCIES[amount.currency]
    sign = "minus " if amount.negative else ""
    if not amount.units and amount.hundredths:
        return f"{sign}{'ein' if amount.hundredths == 1 else amount.hundredths} {hundredths}"
    count = "ein" if amount.units == 1 else str(amount.units)
    return f"{sign}{count} {units}" + (f" {amount.hundredths}" if amount.hundredths else "")


def _fraction(whole: int, numerator: int, denominator: int, match: Match) -> str | None:
    if regex.fullmatch(
        f"(?i:{_PARTS_OF_WORKS}|seite|folge|schritt|lektion|track|titel|lied|bild|foto|nachricht|etappe)",
        word_before(match),
    ):
        return f"{numerator} von {denominator}"
    if denominator == 2:
        return _half(whole, match)
    if denominator > 12 and denominator not in _PARTS:
        return None
    part = _PARTS.get(denominator) or ordinal(denominator, "el").capitalize()
    number = "ein" if numerator == 1 else str(numerator)
    return f"{whole} {number} {part}" if whole else f"{number} {part}"


def _half(whole: int, match: Match) -> str:
    if whole:
        return f"{cardinal(whole)}einhalb"
    following = match["noun"] or ""
    for half, nouns in _HALVES:
        if following in nouns.split():
            return "ein halber" if half == "einen halben" and match.start() == 0 else half
    return "ein halb"
