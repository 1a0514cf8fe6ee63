"""Rules for Italian."""

from collections.abc import Mapping, Sequence

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import (
    END,
    SPACE,
    START,
    abbreviations,
    any_of,
    capitalized_as,
    digit_strings,
    listed,
    page_ranges,
    ranges,
    roman_value,
    spelled,
    table,
)
from wyoming_piper_serial.text.preparation.coordinates import coordinates
from wyoming_piper_serial.text.preparation.languages.it_numerals import cardinal, one, ordinal
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, DIGITS, Match, Rule, has_digits, has_word
from wyoming_piper_serial.text.preparation.references import references
from wyoming_piper_serial.text.preparation.romance import (
    Fraction,
    Money,
    after_number,
    agreement,
    apart,
    eras,
    flights,
    formulas,
    fractions,
    hour_ranges,
    is_feminine_noun,
    leading_points,
    lone_currency,
    money,
    no_name_before,
    not_counted,
    number_signs,
    parts_of,
    periods,
    romans,
    scaled_money,
    times_sign,
    unit_dots,
)
from wyoming_piper_serial.text.preparation.romance_dates import Calendar, Time, dates, times
from wyoming_piper_serial.text.preparation.signs import Signs, signs
from wyoming_piper_serial.text.preparation.temperatures import follows_temperature

_DIGITS = listed("zero uno due tre quattro cinque sei sette otto nove")
_CALENDAR = Calendar(
    short_months={
        "genn": 1,
        "gen": 1,
        "febbr": 2,
        "feb": 2,
        "mar": 3,
        "apr": 4,
        "mag": 5,
        "giu": 6,
        "lug": 7,
        "ago": 8,
        "sett": 9,
        "set": 9,
        "ott": 10,
        "nov": 11,
        "dic": 12,
    },
    weekdays={
        "lun": "lunedì",
        "mar": "martedì",
        "mer": "mercoledì",
        "gio": "giovedì",
        "ven": "venerdì",
        "sab": "sabato",
        "dom": "domenica",
    },
    first="primo",
    of="",
    before_day="il|del|al|dal|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica",
    before_date="entro il|oggi è",
    to="a",
)
_ABBREVIATIONS = table("""
    sig. = signor | sig.ra = signora | sig.na = signorina | sigg. = signori | sig.re = signore | dott. = dottor
    dott.ssa = dottoressa | dr. = dottor | dr.ssa = dottoressa | prof. = professor | prof.ssa = professoressa
    proff. = professori | ing. = ingegner | avv. = avvocato | arch. = architetto | geom. = geometra | rag. = ragionier
    on. = onorevole | sen. = senatore | mons. = monsignor | cav. = cavalier | cap. = capitolo | capp. = capitoli
    ecc. = eccetera | etc. = eccetera | es. = esempio | p. es. = per esempio | ad es. = ad esempio | pag. = pagina
    pagg. = pagine | art. = articolo | artt. = articoli | fig. = figura | figg. = figure | vol. = volume
    voll. = volumi | tel. = telefono | cell. = cellulare | n.ro = numero | n° = numero | nº = numero | N° = numero
    nr. = numero | num. = numero | vs. = versus | c.so = corso | p.zza = piazza | p.le = piazzale | p.za = piazza
    v.le = viale | l.go = largo | str. = strada | c.da = contrada | ca. = circa | cfr. = confronta | vd. = vedi
    a.C. = avanti Cristo | d.C. = dopo Cristo | a. C. = avanti Cristo | d. C. = dopo Cristo
    s.p.a. = società per azioni | S.p.A. = S P A | SpA = S P A | s.r.l. = S R L | S.r.l. = S R L | srl = S R L
    c.a. = corrente anno | c.m. = corrente mese | u.s. = ultimo scorso | p.v. = prossimo venturo
    s.l.m. = sul livello del mare | prov. = provincia | tab. = tabella | trad. = traduzione | q.b. = quanto basta
    c/o = presso | p.p. = pagine | rif. = riferimento | spett. = spettabile | gent.mo = gentilissimo
    gent.ma = gentilissima | egr. = egregio | f.lli = fratelli | F.lli = fratelli | IA = I A | IoT = I O T
    P.S. = post scriptum | N.B. = nota bene | ogg. = oggetto | alleg. = allegato | all. = allegato | abit. = abitanti
    pers. = persone | approx. = circa | c.a.p. = C A P
""")
_AFTER_NUMBER = table("""
    gg. = giorni | gg = giorni | pz. = pezzi | pagg. = pagine | pag. = pagine | ab. = abitanti | max. = massimo
    cucch. = cucchiai | cucch.ni = cucchiaini | pers. = persone
""")
_BEFORE_NUMBER = table("""
    n. = numero | nn. = numeri | p. = pagina | pp. = pagine | N. = numero | int. = interno | ed. = edizione
    max. = massimo | min. = minimo
""")
_BEFORE_NAME = table("S. = San | D. = don | Sta. = Santa | gen. = generale | col. = colonnello")
_CODES = (
    "PIN|pin|codice|Codice|password|CAP|telefono|Telefono|tel\\.?|Tel\\.?|cell\\.?|cellulare|numero verde|"
    "[Cc]hiama il|[Cc]hiami il|[Cc]hiamate il|[Cc]hiamare il|[Cc]omponi il|[Cc]omporre il|fax|"
    "numero di telefono|prenotazione|combinazione|numero di serie|emergenze"
)
_SCALES = {"k": "mila", "K": "mila", **dict.fromkeys(("M", "Mio", "mln", "Mln", "mln.", "Mln."), "milione|milioni")}
_SCALES |= dict.fromkeys(("B", "mld", "Mld", "mld.", "Mld.", "Mrd"), "miliardo|miliardi")
_CENTS = {"GBP": ("penny", "pence"), "RUB": ("copeco", "copechi")}
_MONEY_NAMES = table("euro = EUR | dollaro = USD | dollari = USD | sterline = GBP | franchi = CHF")
_PERIODS = table("mese = month | giorno = d | anno = year | settimana = week | ora = h | minuto = min")
_SIGNS = Signs(
    times="per",
    minus="meno",
    squared="al quadrato",
    cubed="al cubo",
    power="elevato a",
    less="minore di",
    greater="maggiore di",
    about="circa",
    number="numero",
    equals="uguale",
    plus="più",
    conjunction="e",
    root="radice quadrata di",
    unequal="diverso da",
    plus_minus="più o meno",
    at_most="minore o uguale a",
    at_least="maggiore o uguale a",
    divided="diviso",
    section="paragrafo",
)
_KINGS = listed("""
    luigi carlo enrico filippo ferdinando vittorio emanuele umberto giovanni paolo pio benedetto leone gregorio
    clemente innocenzo urbano giulio sisto alessandro bonifacio giorgio guglielmo edoardo riccardo napoleone francesco
    federico nicola ivan amedeo alfonso pietro giacomo corrado ottone lorenzo cosimo ramsete baldovino alberto
    leopoldo callisto
""")
_QUEENS = listed("elisabetta caterina isabella margherita maria giovanna cristina vittoria")
_PARTS_OF_WORKS = "tipo|livello|factor|fattore|windows|apollo"
_COUNTED_FEMININE = (
    "guerra|edizione|repubblica|internazionale|giornata|conferenza|fiera|olimpiade|legislatura|dinastia|crociata|"
    "circoscrizione|divisione|armata|legione|classe|elementare|media|superiore"
)
_COUNTED_MASCULINE = (
    "secolo|sec\\.|congresso|concorso|festival|premio|concilio|reich|millennio|anniversario|municipio|canto|capitolo|piano|"
    "grado"
)
_FEMININE = listed("""
    ora settimana volta luce lampada lampadina porta finestra tapparella stanza camera persona sveglia telecamera
    canzone lista attività tazza cucchiaiata fetta bottiglia pagina riga domanda risposta notifica scena automazione
    zona televisione presa serratura tonnellata libbra oncia iarda pinta caloria chilocaloria atmosfera parte corona
    rupia lira sterlina unità casa notte mattina sera donna ragazza città isola foglia scatola sedia ricetta dozzina
    cosa parola candela grivnia presina goccia porzione bustina pizza mela cipolla macchina auto radio iarda
    chilocaloria
""")
_MASCULINE = listed("""
    minuto secondo giorno mese anno grado dispositivo interruttore sensore timer ventilatore termostato altoparlante
    televisore errore messaggio evento articolo elemento prodotto chilo litro bicchiere spicchio uovo pomodoro
    pacchetto passo piano uomo bambino paese libro centesimo metro grammo promemoria cucchiaio cucchiaino euro dollaro
    quarto etto spazio specchio studente stato zaino
""")
_PLURALS = [
    *(f"{noun[:-1]}{'h' if noun.endswith(('ga', 'ca')) else ''}e" for noun in _FEMININE),
    *(f"{noun[:-1]}i" for noun in (*_FEMININE, *_MASCULINE)),
]
_HALVES_OF_FEMININE = {*_FEMININE, *listed("carota zucchina banana arancia bustina tazzina pagnotta zucca")}
_HALVES_OF_MASCULINE = {
    *_MASCULINE,
    *listed("limone cetriolo peperone avocado vasetto chilometro pollo panetto mazzo bicchierino melone cubetto"),
}
_PARTS = {3: "terzo", 4: "quarto"}
_ARTICLES = (
    r"(?:(?:il|lo|la|del|dello|della|al|allo|alla|nel|nello|nella|dal|dallo|dalla|sul|sullo|sulla|un|una|ogni|di|"
    rf"per la|per il|questo|questa){SPACE}|(?:l|dell|all|nell|dall|sull|un)['’])"
)
_ORDINAL_NOUNS = (
    "piano|posto|secolo|anno|classe|capitolo|grado|livello|giorno|episodio|stagione|edizione|turno|tempo|premio|"
    "trimestre|quadrimestre|semestre|compleanno|anniversario|gennaio|maggio|aprile|giugno|luglio|agosto|settembre|"
    "ottobre|novembre|dicembre|febbraio|marzo|volta|fase|parte|giornata|sezione|rata|tappa|settimana|guerra"
)


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Italian rules that run before the core rules for all languages, in order of application."""
    plurals = {
        locale.counted(unit, 1, "").strip(): locale.counted(unit, 2, "").strip() for unit in locale.data["units"]
    }
    return [
        *references(locale),
        coordinates(locale, "nord = N | sud = S | est = E | ovest = O W"),
        *_telephones(),
        *not_counted(locale, digit_strings(_DIGITS, plus="più", contexts=_CODES), (*_FEMININE, *_MASCULINE, *_PLURALS)),
        *flights("volo", _DIGITS),
        *page_ranges("pagine|pagina|pagg?\\.|pp?\\.", "a"),
        *ranges("a", score="a"),
        *hour_ranges("a"),
        *parts_of("voto|punteggio|valutazione", "su"),
        *parts_of("pagina|traccia|brano|passo|parte|episodio|diapositiva|foto|messaggio", "di"),
        *periods(locale, _PERIODS),
        *scaled_money(locale, _SCALES),
        *money(locale, _MONEY_NAMES, lambda amount: _money(locale, amount)),
        *_times_with_article(locale),
        *dates(locale, _CALENDAR, _clock),
        *times(
            _clock,
            lambda unit, number: _count(locale, unit, number),
            conjunction="e",
            before_clock="alle|le|ore|dalle|delle",
            hours="ore|ora|h|H",
        ),
        *fractions(
            locale,
            lambda fraction: _fraction(fraction, plurals),
            {noun: noun for noun in (*_HALVES_OF_FEMININE, *_HALVES_OF_MASCULINE, "ore", "tazze")},
        ),
        apart(abbreviations(_BEFORE_NUMBER, after=rf"(?={SPACE}?(?:[0-9]|[IVX]{{1,6}}(?!\p{{L}})))")),
        *_ordinals(),
        *romans(
            ordinal,
            rulers=dict.fromkeys(_KINGS, False) | dict.fromkeys(_QUEENS, True),
            say_ruler=lambda value, is_feminine: ordinal(value, is_feminine=is_feminine),
            before="capitolo|cap\\.|tomo|volume|vol\\.|atto|libro|canto|articolo|scena|parte|fase|secolo|sec\\.",
            after=rf"(?:(?P<feminine>{_COUNTED_FEMININE})|{_COUNTED_MASCULINE})",
            say_before=lambda value, is_feminine: ordinal(value, is_feminine=is_feminine),
        ),
        *times_sign("per", "volte"),
        *formulas(_DIGITS),
        *eras("avanti Cristo", "dopo Cristo"),
        unit_dots(),
        abbreviations(_AFTER_NUMBER, before=after_number()),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Italian rules that run after the core rules for all languages, in order of application."""
    women = "Maria|Anna|Lucia|Rita|Chiara|Caterina|Teresa|Croce|Giulia|Elena"
    saint = rf"(?<![\p{{L}}\p{{N}}.])S\.(?={SPACE}?(?:{women})(?!\p{{L}}))"
    century = (
        rf"(?<=(?:esimo|primo|secondo|terzo|quarto|quinto|sesto|settimo|ottavo|nono|decimo){SPACE})sec\.(?P<last>\Z)?"
    )
    return [
        Rule(lazy(century), lambda match: "secolo" + "." * (match["last"] is not None), has_word(["sec."])),
        Rule(
            lazy(rf"(?<!\p{{L}})[Ss]ec\.(?={SPACE}\p{{L}}{{2,12}}(?:esimo|imo|do|zo|to|vo|no)(?!\p{{L}}))"),
            lambda _: "secolo",
            has_word(["ec."]),
        ),
        number_signs("numero"),
        apart(abbreviations(_ABBREVIATIONS)),
        Rule(lazy(saint), lambda _: "Santa", has_word(["S."])),
        abbreviations(_BEFORE_NAME, before=no_name_before(), after=rf"(?={SPACE}?\p{{Lu}}\p{{Ll}})"),
        lone_currency(locale),
        leading_points(locale),
        *signs(_SIGNS),
    ]


def agreement_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Italian rules for the number 1 before nouns, such as `un'ora` and `uno zaino`."""

    def say(_: int, noun: str, is_feminine: bool) -> str:
        return one(noun, is_feminine=is_feminine)

    return [agreement(locale, say, masculine=_MASCULINE, feminine=_FEMININE, digits="1")]


def _telephones() -> list[Rule]:
    mobile = rf"{START}3[0-9]{{2}}[ .-][0-9]{{3}}[ .-]?[0-9]{{3,4}}{END}"
    joined = rf"{START}3[0-9]{{9}}{END}"
    toll_free = rf"{START}800[ .-][0-9]{{3}}[ .-]?[0-9]{{3}}{END}"
    return spelled((lazy(pattern) for pattern in (mobile, joined, toll_free)), _DIGITS, has_digits(9))


def _times_with_article(locale: Locale) -> list[Rule]:
    minutes = r"(?P<minutes>[0-5][0-9])"
    verb = rf"(?P<verb>[Ss]ono{SPACE}(?=le))?"
    one_oclock = rf"(?<!\p{{L}}){verb}(?P<article>alle|dalle|delle|le|Alle|Dalle|Le){SPACE}0?1[:.]{minutes}{END}"
    before = rf"(?<=(?<!\p{{L}})(?i:alle|dalle|delle|ore){SPACE})"
    dotted = rf"{before}(?P<hours>[01]?[0-9]|2[0-4])\.{minutes}{END}(?!{SPACE}?[%€$])"

    def at_one(match: Match) -> str:
        minutes = int(match["minutes"])
        article = match["article"]
        verb = {"S": "È ", "s": "è "}[match["verb"][0]] if match["verb"] else ""
        return f"{verb}{article[:-1]}'una" + (f" e {cardinal(minutes)}" if minutes else "")

    month = rf"(?P<month>{any_of(locale.months)})(?!\p{{L}})"
    part = rf"e{SPACE}(?:un|mezz|[0-9])|di{SPACE}notte|del{SPACE}(?:mattino|pomeriggio)"
    article = r"(?<!\p{L})(?P<article>l|all|dell|dall|L|All|Dell|Dall)['’]"
    first = rf"{article}0?1(?:°?(?={SPACE}(?:{month}|{part}))|/(?P<number>0?[1-9]|1[0-2]){END})"

    def on_first(match: Match) -> str:
        article = {"l": "il", "all": "al", "dell": "del", "dall": "dal"}[match["article"].casefold()]
        article = capitalized_as(match["article"], article)
        if match["number"]:
            return f"{article} primo {locale.months[int(match['number']) - 1]}"
        return f"{article} primo" if match["month"] else f"{match['article']}'una"

    return [
        Rule(lazy(rf"(?<!\p{{L}})[hH]{SPACE}?(?=[0-2]?[0-9][:.][0-5][0-9](?![0-9]))"), lambda _: "ore ", "hH"),
        Rule(lazy(first), on_first, "'’"),
        Rule(lazy(one_oclock), at_one, COUNTS),
        Rule(
            lazy(dotted), lambda match: _clock(Time(int(match["hours"]), int(match["minutes"]), None, "", "")), COUNTS
        ),
    ]


def _clock(time: Time) -> str:
    def say(number: int) -> str:
        return cardinal(number) if time.hours == 1 else str(number)

    hours = "una" if time.hours == 1 else str(time.hours)
    if time.seconds:
        return f"{hours}, {say(time.minutes)} e {say(time.seconds)} second{'i' if time.seconds > 1 else 'o'}"
    words = f"{hours} e {say(time.minutes)}" if time.minutes else hours
    return f"{words} {'ora' if time.hours == 1 else 'ore'}" if time.has_hours else words


def _count(locale: Locale, unit: str, number: int) -> str:
    if number != 1:
        return locale.counted(unit, number, cardinal(number))
    name = locale.counted(unit, 1, "").strip()
    return one(name, is_feminine=unit == "h") + name


def _money(locale: Locale, amount: Money) -> str:
    if not amount.units and amount.hundredths:
        cent = _CENTS.get(amount.currency, ("centesimo", "centesimi"))
        return f"{amount.hundredths} {cent[amount.hundredths > 1]}"
    if amount.units == 1 and amount.hundredths:
        name = locale.currency(amount.currency, 1, "").strip()
        is_feminine = name.split(" ")[0].casefold() in _FEMININE
        return f"{one(name, is_feminine=is_feminine)}{name} e {cardinal(amount.hundredths)}"
    text = locale.currency(amount.currency, amount.units)
    return f"{text} e {amount.hundredths}" if amount.hundredths else text


def _fraction(fraction: Fraction, plurals: Mapping[str, str]) -> str | None:
    """Returns the words for a fraction. `plurals` maps the names of units to their plurals."""
    whole, numerator, denominator, noun, _ = fraction
    singular = {"ore": "ora", "tazze": "tazza"}.get(noun, noun)
    is_feminine = is_feminine_noun(singular.split(" ")[0], _HALVES_OF_FEMININE, _HALVES_OF_MASCULINE)
    behind = f" {noun}" if fraction.is_unit else ""
    if denominator == 2:
        half = "mezza" if is_feminine else "mezzo"
        if not whole:
            return half + behind if behind else "un mezzo" if not noun else half
        counted = (
            (one(singular, is_feminine=is_feminine) + singular) if whole == 1 else f"{whole} {plurals.get(noun, noun)}"
        )
        return f"{counted} e {half}" if behind else f"{whole} e {half}"
    if denominator in (20, 30, 100):
        return f"{numerator} su {denominator}" if not (whole or behind) else None  # a grade, such as 28/30
    part = _PARTS.get(denominator) or ordinal(denominator)
    words = f"un {part}" if numerator == 1 else f"{numerator} {part[:-1]}i"
    if whole:
        words = f"{whole} e {words}"
    return f"{words} di {noun}" if behind else words


def _ordinals() -> list[Rule]:
    number, noun = r"(?P<number>[1-9][0-9]{0,2}|1\.?000)", r"\p{L}"
    end = r"(?![\p{L}\p{N}])"
    marked = rf"{START}{number}(?P<mark>[ºª]){end}(?!{SPACE}?[CF]\b)"
    degree = rf"(?<=(?<!\p{{L}})(?i:{_ARTICLES})){number}(?P<mark>[°ª]){end}(?={SPACE}{noun})(?!{SPACE}[CF]\b)"
    known = rf"{START}{number}(?P<mark>[°oa]){end}(?={SPACE}(?:{_ORDINAL_NOUNS})\b)"
    written = rf"{START}{number}(?P<mark>esimo|esima){end}"
    roman = rf"(?<![\p{{L}}\p{{N}}.-])(?P<numeral>[IVX]{{1,7}})(?P<mark>[°ºª]){end}"

    def replace(match: Match) -> str | None:
        if match["mark"] == "º" and follows_temperature(match):
            return None
        return ordinal(int(match["number"].replace(".", "")), is_feminine=match["mark"] in ("ª", "esima", "a"))

    def roman_ordinal(match: Match) -> str | None:
        value = roman_value(match["numeral"])
        return None if value is None else ordinal(value, is_feminine=match["mark"] == "ª")

    return [
        *(Rule(lazy(pattern), replace, (DIGITS, "ºª°oae")) for pattern in (marked, degree, known, written)),
        Rule(lazy(roman), roman_ordinal, "IVX"),
    ]
