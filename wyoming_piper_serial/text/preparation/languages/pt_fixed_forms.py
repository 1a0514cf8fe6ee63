"""Portuguese rules for fixed forms, such as scores, identification numbers, laws, heights and abbreviations with a
slash."""

from collections.abc import Sequence

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import END, SPACE, START, abbreviations, capitalized_as, spelled
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule, has_digits

_SLASHED = {"c": "com", "p": "para", "s": "sem"}
_SCREENS = "telas?|monitor(?:es)?|tvs?|televisão|televisor|tablet|notebook|aro"
_LAWS = "lei|lei complementar|decreto|decreto-lei|portaria|resolução|medida provisória|processo"
_RESULTS = r"placar|venceu|vence|vencem|venceram|ganhou|ganharam|perdeu|perderam|empat\p{Ll}{1,4}|derrotou|bateu"


def fixed_form_rules(digits: Sequence[str]) -> list[Rule]:
    """Returns the rules that run before the rules for ordinals and dimensions. `digits` are the words for 0 to 9."""
    team = r"\p{Lu}\p{L}{2,20}"
    between = rf"{SPACE}?[x×]{SPACE}?"
    teams = rf"(?<=(?<!\p{{L}}){team}{SPACE}[0-9]{{1,2}}){between}(?=[0-9]{{1,2}}{SPACE}{team})"
    result = (
        rf"(?<=(?<!\p{{L}})(?i:{_RESULTS}){SPACE}(?:\p{{Ll}}{{1,10}}{SPACE}){{0,2}}[0-9]{{1,2}}){between}"
        rf"(?=[0-9]{{1,2}}{END}(?!{SPACE}?(?:[cm]?m|=)))"
    )
    law = (
        rf"(?<=(?<!\p{{L}})(?i:{_LAWS}){SPACE}(?:n[º°.o]{{1,2}}{SPACE}?)?)"
        rf"(?P<number>[0-9]{{1,2}}\.?[0-9]{{3}}|[0-9]{{1,5}})/(?P<year>(?:19|20)?[0-9]{{2}}){END}"
    )
    height = rf"{START}(?P<meters>[12])m(?P<centimeters>[0-9]{{2}}){END}"
    inches = rf"(?<=(?<!\p{{L}})(?i:{_SCREENS}){SPACE}(?:de{SPACE})?[0-9]{{1,3}}(?:[.,][0-9])?)(?:[\"”″]|'')"
    slashed = rf"(?<![\p{{L}}\p{{N}}/_.-])(?P<short>[cpsCPS])/(?={SPACE}\p{{L}}|\p{{L}}{{2}})"
    register = rf"{START}(?:[0-9]{{9}}|[0-9]{{3}}(?:\.[0-9]{{3}}){{2}})-[0-9]{{2}}{END}"
    company = rf"{START}[0-9]{{2}}\.?[0-9]{{3}}\.?[0-9]{{3}}/[0-9]{{4}}-[0-9]{{2}}{END}"
    emergency = (
        rf"(?<=(?i:ligue|disque|liguem)(?:{SPACE}para{SPACE}(?:o{SPACE})?)?{SPACE}(?:1[0-9]{{2}}(?:,|{SPACE}ou|{SPACE}e)"
        rf"{SPACE}){{1,3}})1[0-9]{{2}}{END}"
    )

    def say_law(match: Match) -> str:
        return f"{match['number'].replace('.', '')} de {match['year']}"

    def say_height(match: Match) -> str:
        return f"{match['meters']} metro{'s' if match['meters'] > '1' else ''} e {int(match['centimeters'])}"

    def say_slashed(match: Match) -> str:
        is_attached = match.string[match.end()].isalpha()
        return capitalized_as(match["short"], _SLASHED[match["short"].lower()]) + " " * is_attached

    return [
        Rule(lazy(teams), lambda _: " a ", "x×"),
        Rule(lazy(result), lambda _: " a ", "x×"),
        Rule(lazy(law), say_law, "/"),
        Rule(lazy(height), say_height, COUNTS),
        Rule(lazy(inches), lambda _: " polegadas", "\"”″'"),
        Rule(lazy(slashed), say_slashed, "/"),
        Rule(lazy(rf"§(?={SPACE}?(?:[0-9]|único))"), lambda _: "parágrafo", "§"),
        *spelled([lazy(emergency)], digits, "1"),
        *spelled([lazy(register), lazy(company)], digits, ("-", has_digits(11))),
        abbreviations(
            {"a. m.": "ao mês", "a. a.": "ao ano", "a. d.": "ao dia"},
            before=rf"(?<=(?:%|por{SPACE}cento){SPACE}?)",
        ),
        abbreviations({"col.": "colher", "xíc.": "xícara"}, before=rf"(?<=(?<![0-9.,])1{SPACE})"),
        abbreviations({"xíc.": "xícaras"}, before=rf"(?<=(?<![0-9/⁄.,])[0-9]{{1,3}}{SPACE})"),
    ]
