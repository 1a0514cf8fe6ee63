"""Labels of parts of laws and books, such as `al. 2` and `Abschn. 3`, and the words for the parts that follow them.

Polish and Russian labels depend on case, and are read by the rules of these languages. English has rules of its own.
"""

from wyoming_piper_serial.text.preparation.builders import SPACE, abbreviations, any_of, page_ranges, table
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Rule

# Labels before a number or a Roman numeral.
_LABELS = {
    "de": """
        Abschn. = Abschnitt | Anh. = Anhang | Anl. = Anlage | Rn. = Randnummer | Rdnr. = Randnummer | Rz. = Randziffer
        Fn. = Fußnote | Sp. = Spalte | Jg. = Jahrgang | Hs. = Halbsatz | Bl. = Blatt
    """,
    "es": """
        párr. = párrafo | par. = párrafo | inc. = inciso | ap. = apartado | secc. = sección | sec. = sección
        cl. = cláusula | lín. = línea | tab. = tabla
    """,
    "fr": """
        al. = alinéa | sect. = section | ann. = annexe | par. = paragraphe | cl. = clause | app. = appendice
        tab. = tableau
    """,
    "it": """
        co. = comma | par. = paragrafo | sez. = sezione | app. = appendice | vv. = versi | rig. = riga
    """,
    "nl": """
        par. = paragraaf | bijl. = bijlage | al. = alinea | reg. = regel | vs. = vers | afd. = afdeling | tab. = tabel
    """,
    "pt": """
        par. = parágrafo | inc. = inciso | al. = alínea | sec. = seção | cl. = cláusula | fl. = folha | fls. = folhas
        lin. = linha
    """,
}
# Labels that can also be units after a number.
_NOT_AFTER_NUMBER = {
    "de": "Z. = Zeile | V. = Vers",
    "fr": "l. = ligne",
    "it": "v. = verso | h. = ore",
}
# Labels directly after another part of the reference, as in `art. 5 c. 2`.
_AFTER_NUMBER = {"it": "c. = comma"}
# Labels before a single letter.
_LETTERED = {
    "de": "lit. = Buchstabe",
    "es": "lit. = literal",
    "fr": "let. = lettre",
    "it": "lett. = lettera",
    "pt": "alín. = alínea | al. = alínea",
}
# Words for the parts after a number, as in `S. 5 ff.`
_FOLLOWING = {
    "de": "ff. = fortfolgende | f. = folgende",
    "es": "y ss. = y siguientes | y s. = y siguiente | ss. = y siguientes",
    "fr": "et suiv. = et suivants | et s. = et suivants",
    "it": "e ss. = e seguenti | ss. = e seguenti | e s. = e seguente",
    "pt": "e ss. = e seguintes | ss. = e seguintes | e s. = e seguinte",
}
_BETWEEN = {"de": "bis", "nl": "tot"}  # the word in a range of parts; the other languages have `a` or `à`
_NUMBER = r"[0-9]|[IVXLC]{1,6}(?![\p{L}\p{N}])"


def references(locale: Locale) -> list[Rule]:
    """Returns the rules for labels of parts of laws and books, or an empty list if there are none for the language."""
    language = locale.language
    if language not in _LABELS:
        return []
    labels, alone = table(_LABELS[language]), table(_NOT_AFTER_NUMBER.get(language, ""))
    if locale.region == "PT":
        labels["sec."] = "secção"
    ahead, letter = rf"(?={SPACE}?(?:{_NUMBER}))", rf"(?={SPACE}[„«\"]?\p{{L}}(?![\p{{L}}\p{{N}}]))"
    tables = [
        (labels, "", ahead),
        (alone, rf"(?<![0-9]{SPACE}?)", rf"{ahead}(?!{SPACE}?[0-9]{{1,4}}{SPACE}?[cm]?m(?!\p{{L}}))"),
        (table(_AFTER_NUMBER.get(language, "")), rf"(?<=[0-9],?{SPACE})", ahead),
        (table(_LETTERED.get(language, "")), "", letter),
        (table(_FOLLOWING.get(language, "")), rf"(?<=[0-9]{SPACE}?)", ""),
    ]
    to = _BETWEEN.get(language, "à" if language == "fr" else "a")
    return [
        *(abbreviations(words, before=before, after=after) for words, before, after in tables if words),
        *page_ranges(any_of({*labels.values(), *alone.values()} - {"ore"}), to),
    ]
