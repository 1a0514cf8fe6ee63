"""The words next to a dot determine whether it belongs to an abbreviation, an initial or an ordinal."""

import pytest

from wyoming_piper_serial.text.abbreviations import abbreviations_of
from wyoming_piper_serial.text.dots import Decision, Dot, Kind, look_at_dot, look_at_exclamation

END, INSIDE, UNKNOWN = Decision.END, Decision.INSIDE, Decision.UNKNOWN


def look(text: str, language: str = "en", *, complete: bool = True) -> Dot:
    """Return the result of `look_at_dot` for the dot before the marker `^`, which is removed from the text."""
    at = text.index("^")
    text = text.replace("^", "")
    next_at = at + len(text[at:]) - len(text[at:].lstrip(' ("“'))
    return look_at_dot(text, at - 1, next_at, abbreviations_of(language), complete=complete)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Dr.^ Smith"),
        ("de", "weil am 3.10.^ Feiertag"),
        ("de", "Es ist 03.10.^ Feiertag"),
        ("cs", "Dnes je 3. 10.^ Praha"),
        ("cs", "dne 29.02.^ Praha"),
        ("hu", "Ma 2026.^ 10. 03-án"),
        ("hu", "Ma 2026. 10.^ 03-án"),
        ("hu", "Ma 2026. 10. 03.^ Szombat"),
        ("en", "555-1234 ext.^ 12"),
        ("en", "chapter 5 pp.^ 12-15"),
        ("nl", "artikel 5 nr.^ 3"),
        ("is", "2 klst.^ 30 mín."),
        ("cs", "5 mil.^ Kč"),
        ("de", "2 Bio.^ EUR"),
        ("es", "5 mill.^ €"),
        ("fi", "5 milj.^ Euroa"),
        ("en", "DR.^ SMITH"),
        ("en", "(Dr.^ Smith)"),
        ("en", "e.g.^ Granny"),
        ("en", "e. g.^ Granny"),
        ("en", "vs.^ “Them”"),
        ("en", "No.^ 5"),
        ("en", "Vol.^ II"),
        ("en", "Fig.^ A"),
        ("en", "No.^ AA5"),
        ("en", "No.^ A5"),
        ("en", "approx.^ €5"),
        ("en", "5 Jan.^ 2026"),
        ("fr", "le 3 oct.^ 26 et le 1er mai"),
        ("es", "el 3 oct.^ 26, lunes"),
        ("it", "il 3 ott.^ 26"),
        ("pt", "em 3 out.^ 26."),
        ("nl", "3 okt.^ 26 en 4 nov."),
        ("pl", "3 paź.^ 26 r."),
        ("ru", "3 окт.^ 26 г."),
        ("sv", "3 okt.^ 26 och"),
        ("sv", "3/10 kl.^ 18:30"),
        ("fr", "art. 5 al.^ 2"),
        ("it", "art. 5, c.^ 2"),
        ("it", "alle h.^ 15"),
        ("pl", "§ 5 ust.^ 2"),
        ("pl", "artykuł 5 ust.^ 2"),
        ("ru", "ст. 5 ч.^ 2"),
        ("ru", "гл. IV п.^ 2"),
        ("en", "art. 5 para.^ 2"),
        ("de", "§§ 12 ff.^ BGB"),
        ("de", "§ 5 f.^ BGB"),
        ("de", "Jan.-Feb.^ 2026"),
        ("en", "J.^ R. R. Tolkien"),
        ("en", "J. R.^ R. Tolkien"),
        ("en", "J. R. R.^ Tolkien"),
        ("en", "J.R.R.^ Tolkien"),
        ("en", "J.^ A. Smith"),
        ("en", "5 a.m.^ Peter"),
        ("en", "5p.m.^ Peter"),
        ("en", "the U.S.^ Army"),
        ("en", "St.^ John"),
        ("de", "z.^ B. Äpfel"),
        ("de", "z. B.^ Äpfel"),
        ("de", "Mo.-Fr.^ 8:00-16:00"),
        ("pl", "pon.-pt.^ 8:00-16:00"),
        ("en", "Mon.-Fri.^ 8:00"),
        ("de", "Hauptstr.^ 5"),
        ("de", "Noch 1 Std.^ 30 Min."),
        ("pl", "1 godz.^ 30 min"),
        ("ru", "1 ч.^ 30 мин."),
        ("en", "1 hr.^ 30m left"),
        ("en", "5 ft.^ 3 in. tall"),
        ("de", "Dipl.-Ing.^ Weber"),
        ("fr", "l'av.^ Foch"),
        ("fr", "J.-P.^ Sartre"),
        ("it", "sig.^ Rossi"),
        ("pl", "ul.^ Długiej"),
        ("es", "EE.^ UU. Peter"),
        ("es", "en 44 a.^ C. murió"),
        ("es", "en 44 a. C.^ Peter"),
        ("it", "nel 100 d.^ C. Peter"),
        ("pt", "seg.^ 6 jan."),
        ("es", "EE. UU.^ Peter"),
        ("ru", "г.^ Москва"),
        ("ru", "т. е.^ Москва"),
        ("ru", "в 1990 г.^ Москва"),
        ("hi", "डॉ.^ राम"),
        ("mr", "डॉ.^ राम"),
        ("mr", "ए. पी.^ जे. अब्दुल"),
        ("bn", "ড.^ রহমান"),
        ("bn", "এ. কে.^ ফজলুল"),
        ("th", "ดร.^ สมชาย"),
        ("th", "ปี พ.ศ.^ 2567"),
        ("th", "3 ม.ค.^ 2567"),
        ("lv", "t.sk.^ Rīga"),
        ("id", "tgl.^ 5 Mei"),
        ("hu", "Teréz krt.^ 5"),
        ("da", "fhv.^ Jensen"),
        ("cs", "mjr.^ Novák"),
        ("sk", "odd.^ 5"),
        ("hi", "ए. पी.^ जे. अब्दुल"),
        ("ar", "د.^ أحمد"),
        ("de", "am 3.^ Oktober"),
        ("de", "der 21.^ Geburtstag"),
        ("de", "am 3.^ 10. 2026"),
        ("de", "am 3. 10.^ 2026"),
        ("de", "Ludwig XIV.^ König"),
        ("de", "3.^ Oktober"),
        ("nb", "den 17.^ Mai"),
        ("cs", "Karel IV.^ Lucemburský"),
    ],
)
def test_dot_does_not_end_a_sentence(language: str, text: str) -> None:
    """The dot of an abbreviation, an initial or an ordinal does not end the sentence."""
    assert look(text, language).decision is INSIDE


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I like Bob.^ He"),
        ("en", "in the USA.^ The"),
        ("en", "in the U.S.^ The"),
        ("en", "at 5 a.m.^ The"),
        ("en", "at 5 p.m.^ 3 people"),
        ("en", "plan B.^ It"),
        ("en", "It is 5 C.^ Peter"),
        ("en", "-3 °C.^ Wind"),
        ("en", "I said no.^ Then"),
        ("en", "pens, etc.^ Peter"),
        ("en", "5 min.^ 3 people"),
        ("en", "5 min.^ A man"),
        ("en", "Part.^ I think"),
        ("en", "It costs 5.^ Peter"),
        ("en", "Louis XIV.^ Peter"),
        ("en", "example.no.^ 5"),
        ("en", "see a.b@c.no.^ 5"),
        ("en", "Vol.^ Then"),
        ("en", "Vol.^ OK then"),
        ("en", "at 7 a.m.^ Good morning"),
        ("de", "Nummer 3.^ Das"),
        ("de", "Es sind 21.5.^ Draußen"),
        ("cs", "Je 21.5.^ Venku"),
        ("cs", "Je 31.04.^ Praha"),
        ("hu", "Ez történt 2026.^ Péter"),
        ("hu", "Ez történt 2026.^ 100 ember"),
        ("hu", "Ma 2026. 10. 03.^ Holnap"),
        ("cs", "v roce 2026.^ 10. října"),
        ("cs", "Je jich 5 mil.^ To"),
        ("de", "Platz 3.^ Berlin"),
        ("de", "Wir kaufen nur Bio.^ Äpfel"),
        ("da", "Vi går i bio.^ Peter"),
        ("sl", "Tam je bil.^ Peter"),
        ("ro", "Sunt 5 mil.^ El"),
        ("de", "am 3.^ Danach"),
        ("de", "im Jahr 2026.^ Oktober"),
        ("de", "Es waren 5.^ 3 davon"),
        ("de", "21,5.^ Oktober"),
        ("de", "Papst Paul II.^ Er"),
        ("de", "Äpfel usw.^ Birnen"),
        ("ru", "и т. д.^ Москва"),
        ("ru", "Прошёл 1 ч.^ 30 человек"),
        ("pl", "To trwa 5 min.^ 3 osoby"),
        ("ru", "открыта 15 мин.^ Через"),
        ("fr", "le 3 oct.^ 26 personnes"),
        ("nl", "3 okt.^ 26:30"),
        ("ru", "3 окт.^ 26 человек"),
        ("fr", "env. 5 min.^ 3 personnes"),
        ("it", "5 c.^ 2 uova"),
        ("ru", "в 2026 г.^ Он"),
        ("pl", "w 1990 r.^ On"),
    ],
)
def test_dot_ends_a_sentence(language: str, text: str) -> None:
    """A dot ends the sentence after an ordinary word, a unit or a number, and after an abbreviation if the next word
    often begins a sentence.
    """
    assert look(text, language).decision is END


@pytest.mark.parametrize(
    ("language", "text", "later"),
    [
        ("en", "at 5 p.m.^ Th", {"Then he": END, "Thomas is": INSIDE}),
        ("en", "at 5 p.m.^ A", {"A man": END, "A. Smith": INSIDE, "Anna is": INSIDE}),
        ("en", "Vol.^ V", {"V is": INSIDE, "Very": END, "V5": INSIDE, "VERY ": END}),
        ("es", "en 44 a.^ C", {"C. murió": INSIDE, "Casi": END}),
        ("es", "5 sept.^ 20", {"20 personas": END, "2026": INSIDE}),
        ("de", "Nummer 3.^ Ok", {"Oktober ist": INSIDE, "Okapis sind": END}),
        ("ru", "1 ч.^ 30 м", {"30 мин. 5 с": INSIDE, "30 молодых людей": END}),
        ("de", "waren 5.^ 3", {"3 davon": END, "3. 2026": INSIDE}),
    ],
)
def test_decision_waits_for_the_next_word(language: str, text: str, later: dict[str, Decision]) -> None:
    """If the next word determines whether a dot ends a sentence, the decision is UNKNOWN until the word is complete."""
    assert look(text, language, complete=False).decision is UNKNOWN
    begin = text[: text.index("^") + 2]
    for following, decision in later.items():
        assert look(begin + following, language, complete=False).decision is decision


def test_decision_does_not_wait_without_need() -> None:
    """If the next letters cannot become a word that often begins a sentence, the decision is made immediately."""
    assert look("at 5 p.m.^ Pt", complete=False).decision is INSIDE
    assert look("Dr.^ T", complete=False).decision is INSIDE
    assert look("Bob.^ T", complete=False).decision is END


def test_kind_and_begin_of_an_abbreviation() -> None:
    """The result says whether the dot belongs to an abbreviation, an initial or an ordinal, and where this begins."""
    assert look("See e. g.^ Granny") == Dot(INSIDE, Kind.WORD, 4)
    assert look("with A.^ Smith") == Dot(INSIDE, Kind.INITIAL, 5)
    assert look("am 3.^ Oktober", "de") == Dot(INSIDE, Kind.ORDINAL, 3)
    assert look("l'av.^ Foch", "fr") == Dot(INSIDE, Kind.WORD, 2)


def test_begin_counts_from_the_begin_of_a_long_text() -> None:
    """The position at which an abbreviation begins is counted from the start of the text, even if the text is longer
    than the examined window.
    """
    assert look("word " * 100 + "Dr.^ Smith") == Dot(INSIDE, Kind.WORD, 500)


def test_short_capitalized_words_of_an_unknown_language_are_abbreviations() -> None:
    """In a language without data, a dot after a capitalized word of up to three letters does not end a sentence."""
    assert look("Mr.^ Smith", "").decision is INSIDE
    assert look("Word.^ Smith", "").decision is END


@pytest.mark.parametrize(
    ("text", "complete", "decision"),
    [
        ("Yahoo!^ Inc is", True, INSIDE),
        ("Yahoo!^ Inc", False, UNKNOWN),
        ("Yahoo!^ In", False, UNKNOWN),
        ("Yahoo!^ Th", False, END),
        ("Yahoo!^ Then", True, END),
        ("yahoo!^ Inc", True, END),
        ("Yahoo!^ 5", True, END),
    ],
)
def test_exclamation_mark_of_a_company(text: str, complete: bool, decision: Decision) -> None:
    """An exclamation mark between a name and a legal form such as `Inc` does not end a sentence."""
    at = text.index("^")
    assert look_at_exclamation(text.replace("^", ""), at - 1, at + 1, complete=complete) is decision
