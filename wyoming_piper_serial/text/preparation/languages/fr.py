"""Rules for French."""

from collections.abc import Sequence

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import (
    SPACE,
    START,
    abbreviations,
    codes,
    listed,
    page_ranges,
    ranges,
    roman_value,
    table,
)
from wyoming_piper_serial.text.preparation.coordinates import coordinates
from wyoming_piper_serial.text.preparation.languages.fr_fixed_forms import fixed_form_rules, telephone_rules
from wyoming_piper_serial.text.preparation.languages.fr_numerals import cardinal, has_feminine, ordinal
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule, has_digits
from wyoming_piper_serial.text.preparation.references import references
from wyoming_piper_serial.text.preparation.romance import (
    Fraction,
    Money,
    after_number,
    agreement,
    apart,
    counted_noun,
    flights,
    formulas,
    fractions,
    hour_ranges,
    leading_points,
    lone_currency,
    money,
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

_DIGITS = listed("zéro un deux trois quatre cinq six sept huit neuf")
_CALENDAR = Calendar(
    short_months={
        "janv": 1,
        "jan": 1,
        "févr": 2,
        "fév": 2,
        "fevr": 2,
        "fev": 2,
        "mars": 3,
        "avr": 4,
        "mai": 5,
        "juin": 6,
        "juil": 7,
        "aoû": 8,
        "août": 8,
        "sept": 9,
        "oct": 10,
        "nov": 11,
        "déc": 12,
        "dec": 12,
    },
    weekdays={
        "lun": "lundi",
        "mar": "mardi",
        "mer": "mercredi",
        "jeu": "jeudi",
        "ven": "vendredi",
        "sam": "samedi",
        "dim": "dimanche",
    },
    first="premier",
    of="",
    before_day="le|du|au|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    before_date="ce|et le|jusqu'au",
    to="à",
)
_ABBREVIATIONS = table("""
    Mme = madame | Mmes = mesdames | Mlle = mademoiselle | Mlles = mesdemoiselles | MM. = messieurs | Mr = monsieur
    Mr. = monsieur | Mgr = monseigneur | Dr = docteur | Dr. = docteur | Drs = docteurs | Dre = docteure
    Pr = professeur | Pr. = professeur | Vve = veuve | St = saint | Ste = sainte | p. ex. = par exemple
    par ex. = par exemple | c.-à-d. = c'est-à-dire | c-à-d = c'est-à-dire | c.à.d. = c'est-à-dire | càd = c'est-à-dire
    etc. = et cetera | env. = environ | av. J.-C. = avant Jésus-Christ | apr. J.-C. = après Jésus-Christ
    J.-C. = Jésus-Christ | bd = boulevard | bld = boulevard | boul. = boulevard | tél. = téléphone | chap. = chapitre
    approx. = approximativement | appt = appartement | appt. = appartement | ét. = étage | fg = faubourg
    RDV = rendez-vous | rdv = rendez-vous | svp = s'il vous plaît | SVP = s'il vous plaît | s.v.p. = s'il vous plaît
    S.V.P. = s'il vous plaît | stp = s'il te plaît | qq. = quelques | qqch. = quelque chose | qqn = quelqu'un
    resp. = respectivement | cf. = confère | cf = confère | vs. = versus | vs = versus | N.B. = nota bene
    dép. = département | hab. = habitants | préc. = précédent | éd. = édition | trad. = traduction | réf. = référence
    Cie = compagnie | Ets = établissements | TTC = toutes taxes comprises | c. à s. = cuillère à soupe
    c. à c. = cuillère à café | c. à soupe = cuillère à soupe | c. à café = cuillère à café | càs = cuillère à soupe
    càc = cuillère à café | c.à.s. = cuillère à soupe | c.à.c. = cuillère à café | c. à thé = cuillère à thé
    n° = numéro | N° = numéro | nº = numéro | Nº = numéro | n°s = numéros | IA = I A | IoT = I O T
    kWc = kilowatt-crête | bât. = bâtiment
""")
_NOT_LAST = table("ex. = exemple | chap. = chapitre | suiv. = suivant | inc. = incorporée | ref. = référence")
_AFTER_NUMBER = table("""
    hrs = heures | j. = jours | pers. = personnes | max. = maximum | cs = cuillères à soupe | cc = cuillères à café
    càs = cuillères à soupe | càc = cuillères à café | c. à s. = cuillères à soupe | c. à c. = cuillères à café
    c. à soupe = cuillères à soupe | c. à café = cuillères à café | c.à.s. = cuillères à soupe
    c.à.c. = cuillères à café | p. = pages | pp. = pages | HT = hors taxes
""")
_BEFORE_NUMBER = table("""
    p. = page | pp. = pages | art. = article | t. = tome | §§ = paragraphes | no. = numéro | nos. = numéros
    no = numéro | fig. = figure | vol. = volume | ch. = chapitre | apt. = appartement | max. = maximum
    min. = minimum | éd. = édition
""")
_BEFORE_NAME = table("""
    M. = monsieur | av. = avenue | Av. = avenue | r. = rue | ave. = avenue | Ave = avenue | imp. = impasse
    Me = maître | pl. = place | Bd = boulevard | all. = allée
""")
_CODES = (
    "PIN|Pin|pin|[Cc]ode(?! postal)|mot de passe|numéro de vol|identifiant|combinaison|digicode|code d'accès|"
    "numéro de série"
)
_BILLION = "milliard|milliards"
_CENTS = {"USD": "cent", "CAD": "cent", "AUD": "cent", "GBP": "penny", "EUR": "centime", "CHF": "centime"}
_VOWELS = "aeiouâàéèêô"
_MONEY_NAMES = table("euro = EUR | euros = EUR | dollar = USD | dollars = USD | francs suisses = CHF | livres = GBP")
_PERIODS = table("mois = month | jour = d | an = year | semaine = week | heure = h | minute = min")
_SIGNS = Signs(
    times="fois",
    minus="moins",
    squared="au carré",
    cubed="au cube",
    power="puissance",
    less="inférieur à",
    greater="supérieur à",
    about="environ",
    number="numéro",
    equals="égale",
    plus="plus",
    conjunction="et",
    root="racine carrée de",
    unequal="différent de",
    plus_minus="plus ou moins",
    at_most="inférieur ou égal à",
    at_least="supérieur ou égal à",
    divided="divisé par",
    section="paragraphe",
)
_RULERS = dict.fromkeys(
    listed("""
    louis charles henri françois napoléon philippe jean paul pie benoît léon grégoire clément innocent urbain
    guillaume édouard edouard george georges jacques richard pierre alexandre nicolas frédéric léopold albert baudouin
    alphonse ferdinand joseph rainier ramsès robert hugues raoul carlos félix félipe felipe juan-carlos jean-paul
    """),
    False,
) | dict.fromkeys(listed("élisabeth elisabeth elizabeth catherine isabelle marie marguerite béatrix christine"), True)
_PARTS_OF_WORKS = (
    "chapitre|chap\\.|tome|volume|acte|scène|livre|partie|phase|type|niveau|article|annexe|classe|titre|saison|épisode|étape|"
    "catégorie|stade|vatican|section|guerre mondiale"
)
_FEMININE = listed("""
    heure heures minute minutes seconde secondes semaine semaines année années journée journées nuit nuits lumière
    lumières lampe lampes ampoule ampoules porte portes fenêtre fenêtres pièce pièces prise prises serrure serrures
    caméra caméras alarme alarmes chanson chansons liste listes tâche tâches personne personnes fois tasse tasses
    cuillère cuillères cuillerée cuillerées pincée pincées gousse gousses tranche tranches bouteille bouteilles page
    pages ligne lignes étape étapes question questions réponse réponses erreur erreurs notification notifications
    scène scènes automatisation automatisations zone zones enceinte enceintes télé télés tonne tonnes livre livres
    once onces pinte pintes verge verges calorie calories kilocalorie kilocalories atmosphère atmosphères partie
    parties couronne couronnes roupie roupies lire lires unité unités voiture voitures maison maisons chambre chambres
    marche marches place places table tables chaise chaises femme femmes fille filles ville villes île îles boîte
    boîtes recette recettes part parts dose doses voix mise mises acre acres
""")
_HALVES_OF_FEMININE = {
    *_FEMININE,
    *listed("botte gousse poignée noix cuiller orange pomme carotte courgette banane baguette feuille louche brique"),
}
_HALVES_OF_MASCULINE = listed("""
    litre litres verre verres kilo kilos gramme grammes sachet oignon citron jour jours mois an ans mètre mètres
    kilomètre kilomètres bol pot paquet concombre poivron avocat bouquet cube pain poulet melon siècle
""")
_FEMININE_ENDINGS = (
    *(
        "ade",
        "ance",
        "ande",
        "anche",
        "asse",
        "elle",
        "enne",
        "esse",
        "ette",
        "euse",
        "ille",
        "ine",
        "ion",
        "ire",
        "ise",
    ),
    *("oire", "onne", "otte", "ousse", "ue", "ure", "ée", "ie"),
)
_PARTS = {3: "tiers", 4: "quart"}
_ORDINAL = r"(?P<number>[1-9][0-9]{0,3})"


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the French rules that run before the core rules for all languages, in order of application."""
    return [
        *references(locale),
        coordinates(locale, "nord = N | sud = S | est = E | ouest = O W"),
        *telephone_rules(),
        *not_counted(locale, codes(_DIGITS, _CODES), (*_FEMININE, *_HALVES_OF_MASCULINE)),
        *flights("vol", _DIGITS),
        *page_ranges("pages?|p\\.|pp\\.", "à"),
        *ranges("à", score="à"),
        *hour_ranges("à"),
        *parts_of("page|note|piste|titre|étape|partie|épisode|diapositive|photo|message", "sur"),
        *periods(locale, _PERIODS),
        *scaled_money(locale, {"k": "mille", "K": "mille", "M": "million|millions", "Md": _BILLION, "B": _BILLION}),
        *money(locale, _MONEY_NAMES, lambda amount: _money(locale, amount)),
        *_price_with_inner_sign(locale),
        *dates(locale, _CALENDAR, _clock),
        *times(
            _clock,
            lambda unit, number: locale.counted(unit, number, cardinal(number, is_feminine=True)),
            conjunction="",
            before_clock="à|vers|dès|depuis|jusqu'à|[Ii]l est",
            hours="heures?|h|H|hrs?",
        ),
        *fractions(locale, _fraction, _nouns_of_fractions()),
        apart(abbreviations(_BEFORE_NUMBER, after=rf"(?={SPACE}?(?:[0-9]|[IVX]{{1,6}}(?!\p{{L}})))")),
        *_ordinals(),
        *romans(
            cardinal,
            rulers=_RULERS,
            say_ruler=lambda value, _: "premier" if value == 1 else cardinal(value),
            before=_PARTS_OF_WORKS,
            after="(?!)(?P<feminine>)",
            say_before=lambda value, _: cardinal(value),
        ),
        *fixed_form_rules(),
        *times_sign("sur", "fois"),
        *formulas(_DIGITS),
        unit_dots(),
        abbreviations(_AFTER_NUMBER, before=after_number()),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the French rules that run after the core rules for all languages, in order of application."""
    return [
        number_signs("numéro"),
        apart(abbreviations(_ABBREVIATIONS)),
        abbreviations(
            _BEFORE_NAME, after=rf"(?={SPACE}?(?:\p{{Lu}}|et{SPACE}(?:Mme|madame)\b|(?:d[eu]|des|l[ae])\b|[dl]['’]))"
        ),
        abbreviations({"s.": "siècle"}, before=rf"(?<=i(?:è|e)me{SPACE})"),
        abbreviations(_NOT_LAST, after=rf"(?={SPACE}?[\p{{L}}\p{{N}}:(,])"),
        lone_currency(locale),
        leading_points(locale),
        *signs(_SIGNS),
    ]


def agreement_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the French rules for numbers before nouns.

    They use the feminine of numerals ending in 1. They also write these numerals before a vowel as words, because
    espeak-ng makes a liaison only after words (`un euro`).
    """

    def say(number: int, noun: str, is_feminine: bool) -> str | None:
        if not has_feminine(number) or not (is_feminine or noun[0].casefold() in _VOWELS):
            return None
        return cardinal(number, is_feminine=is_feminine) + " "

    return [
        agreement(locale, say, masculine=(), feminine=_FEMININE, digits=r"[1-9]?(?:[0-9]{1,7})?1"),
        Rule(
            lazy(rf"(?<!\p{{L}})(?P<letter>[dD])e{SPACE}(?=une(?!\p{{L}}))"),
            lambda match: f"{match['letter']}'",
        ),
    ]


def _price_with_inner_sign(locale: Locale) -> list[Rule]:
    pattern = rf"{START}(?P<units>[0-9]{{1,4}})€(?P<cents>[0-9]{{2}})(?![\p{{L}}\p{{N}}]|[.,][0-9])"

    def replace(match: Match) -> str:
        return _money(locale, Money(int(match["units"]), int(match["cents"]), "EUR"))

    return [Rule(lazy(pattern), replace, ("€", has_digits(3)))]


def _clock(time: Time) -> str:
    # Numerals for hours and minutes are feminine: "21 heures 31" is "vingt et une heures trente et une".
    is_spelled = has_feminine(time.hours) or has_feminine(time.minutes)

    def say(number: int) -> str:
        return cardinal(number, is_feminine=True) if is_spelled else str(number)

    words = f"{say(time.hours)} heure{'s' if time.hours > 1 else ''}"
    if time.minutes:
        words += f" {say(time.minutes)}"
    return f"{words} et {say(time.seconds)} seconde{'s' if time.seconds > 1 else ''}" if time.seconds else words


def _money(locale: Locale, amount: Money) -> str:
    cent = _CENTS.get(amount.currency, "centime")
    if not amount.units and amount.hundredths:
        plural = "pence" if cent == "penny" else f"{cent}s"
        return f"{amount.hundredths} {plural if amount.hundredths > 1 else cent}"
    if amount.currency == "GBP" and has_feminine(amount.units):
        text = locale.currency(amount.currency, amount.units, cardinal(amount.units, is_feminine=True))
        return f"{text} {cardinal(amount.hundredths)}" if amount.hundredths else text
    text = locale.currency(amount.currency, amount.units)
    return f"{text} {amount.hundredths}" if amount.hundredths else text


def _nouns_of_fractions() -> dict[str, str]:
    spoons = {key: value for key, value in _ABBREVIATIONS.items() if value.startswith("cuillère")}
    return spoons | {noun: noun for noun in (*_HALVES_OF_FEMININE, *_HALVES_OF_MASCULINE)}


def _fraction(fraction: Fraction) -> str | None:
    whole, numerator, denominator, noun, _ = fraction
    first = noun.split(" ")[0]
    is_feminine = first in _HALVES_OF_FEMININE or (
        first not in _HALVES_OF_MASCULINE and first.removesuffix("s").endswith(_FEMININE_ENDINGS)
    )
    behind = f" {noun}" if fraction.is_unit else ""
    if denominator == 2:
        if whole:
            nouns = {*_HALVES_OF_FEMININE, *_HALVES_OF_MASCULINE}
            counted = f" {counted_noun(noun, whole, nouns)}" if behind else ""
            return f"{whole}{counted} et demi{'e' if is_feminine else ''}"
        return f"{'une' if is_feminine else 'un'} demi{behind.replace(' ', '-', 1)}"
    if denominator in (20, 100):
        return f"{numerator} sur {denominator}" if not (whole or behind) else None  # a grade, such as 15/20
    part = _PARTS.get(denominator) or ordinal(denominator)
    if numerator > 1 and not part.endswith("s"):
        part += "s"
    words = f"{whole} et {numerator} {part}" if whole else f"{numerator} {part}"
    if not behind:
        return words
    return f"{words} d'{noun}" if noun[0] in "aeiouéh" else f"{words} de {noun}"


def _ordinals() -> list[Rule]:
    mark = r"(?P<mark>ers?|ère|ères|res?|nde?s?|de?s?|i?èmes?|emes?|es?|ᵉʳ|ʳᵉ|ᵉ|è)"
    numeral = rf"{START}{_ORDINAL}{mark}(?![\p{{L}}\p{{N}}'’-])"
    roman = r"(?<![\p{L}\p{N}.-])(?P<numeral>[IVX]{1,7})(?P<mark>ers?|re|ère|[eᵉ]s?|ème|è|ᵉʳ)(?![\p{L}\p{N}])"

    def say(number: int, mark: str) -> str | None:
        if mark.startswith(("nd", "d")):
            if number != 2:
                return None
            return "seconde" if "e" in mark else "second"
        is_first = mark.startswith(("er", "re", "ère", "ᵉʳ", "ʳᵉ"))
        if is_first != (number == 1) and (is_first or mark in ("e", "es")):
            return None
        words = ordinal(number, is_feminine=mark.startswith(("re", "ère", "ʳᵉ")))
        return words + ("s" if mark.endswith("s") else "")

    def roman_ordinal(match: Match) -> str | None:
        value = roman_value(match["numeral"])
        return None if value is None else say(value, match["mark"])

    return [
        Rule(lazy(numeral), lambda match: say(int(match["number"]), match["mark"]), COUNTS),
        Rule(lazy(roman), roman_ordinal, "IVX"),
    ]
