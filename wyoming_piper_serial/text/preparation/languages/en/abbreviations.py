"""English rules for abbreviated words, most of them with a dot."""

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.languages.en.acronyms import spelled
from wyoming_piper_serial.text.preparation.languages.en.context import is_end, table, text_after, text_before
from wyoming_piper_serial.text.preparation.passage import Match, Rule, has_letter, has_word

# Titles and parts of place names, which precede a name.
_TITLES = table(
    "Dr=Doctor Drs=Doctors Mr=Mister Mrs=Missus Ms=Miz Mx=Mix Prof=Professor St=Saint Sts=Saints Ste=Sainte"
    " Mt=Mount Mts=Mounts Ft=Fort Pt=Point Pt=Point Gen=General Sen=Senator Rep=Representative Gov=Governor"
    " Sgt=Sergeant Capt=Captain Cpl=Corporal Pvt=Private Col=Colonel Lt=Lieutenant Maj=Major Adm=Admiral"
    " Cmdr=Commander Pres=President Rev=Reverend Hon=Honorable Fr=Father Sr=Sister Br=Brother Supt=Superintendent"
    " Insp=Inspector Det=Detective Amb=Ambassador Messrs=Messieurs Rt=Right"
)
# Parts of addresses and names, which follow a name.
_SUFFIXES = table(
    "St=Street Dr=Drive Ave=Avenue Av=Avenue Blvd=Boulevard Rd=Road Ln=Lane Ct=Court Pl=Place Sq=Square"
    " Hwy=Highway Pkwy=Parkway Ter=Terrace Cir=Circle Mt=Mountain Mtn=Mountain Inc=Incorporated Ltd=Limited"
    " Co=Company Corp=Corporation Bros=Brothers Jr=Junior Sr=Senior Esq=Esquire Univ=University Assn=Association"
    " Intl=International"
)
# Abbreviations with a dot before a number or a Roman numeral.
_NUMBERED = table(
    "no=number nos=numbers nr=number p=page pp=pages pg=page pgs=pages fig=figure figs=figures vol=volume"
    " vols=volumes ch=chapter chs=chapters chap=chapter sec=section sect=section art=article eq=equation"
    " eqs=equations ep=episode eps=episodes ex=example para=paragraph apt=apartment ste=suite rm=room"
    " bldg=building pt=part pts=parts ext=extension tel=telephone ref=reference rte=route hwy=highway ca=circa"
    " c=circa est=established op=opus max=maximum min=minimum ser=series tab=table ver=version"
    " approx=approximately pop=population cl=clause app=appendix subsec=subsection subsecs=subsections sched=schedule"
    " paras=paragraphs arts=articles secs=sections cls=clauses ll=lines vv=verses dist=distance ed=edition wt=weight"
    " ht=height qty=quantity alt=altitude freq=frequency col=column cols=columns diam=diameter ln=line"
)
# Abbreviations without a dot before a number.
_NUMBERED_UNDOTTED = table(
    "Apt=Apartment Bldg=Building Ext=Extension ext=extension Fig=Figure Figs=Figures Rm=Room Ste=Suite Vol=Volume"
    " vol=volume Pg=Page pg=page pp=pages rm=room bldg=building Rte=Route"
)
# Abbreviations with a dot, in any position.
_DOTTED = table(
    "approx=approximately vs=versus etc=et_cetera cf=compare viz=namely dept=department govt=government"
    " appt=appointment avg=average max=maximum min=minimum misc=miscellaneous incl=including excl=excluding"
    " temp=temperature est=estimated hrs=hours mins=minutes secs=seconds yrs=years wks=weeks lbs=pounds ave=avenue"
    " blvd=boulevard rd=road assoc=associate asst=assistant mgr=manager attn=attention esp=especially qty=quantity"
    " tbsp=tablespoon tsp=teaspoon vol=volume inc=Incorporated ltd=Limited corp=Corporation bros=Brothers"
    " jr=Junior sr=Senior prof=Professor mr=Mister mrs=Missus ms=Miz sgt=Sergeant lt=Lieutenant"
)
# Abbreviations without a dot.
_UNDOTTED = table(
    "approx=approximately vs=versus etc=et_cetera dept=department Dept=Department Sgt=Sergeant Lt=Lieutenant"
    " Cpl=Corporal Ms=Miz avg=average incl=including excl=excluding qty=quantity tbsp=tablespoon tsp=teaspoon"
    " hrs=hours aka=also_known_as appt=appointment govt=government misc=miscellaneous asst=assistant"
)
_PHRASES = {
    "eg": "for example",
    "ie": "that is",
    "aka": "also known as",
    "nb": "note well",
    "phd": "P H D",
    "bsc": "B S C",
    "msc": "M S C",
}
_SLASHED = {
    "w/o": "without",
    "b/c": "because",
    "b/w": "between",
    "n/a": "not applicable",
    "c/o": "care of",
    "a/c": "AC",
    "km/h": "kilometers per hour",
    "m/s": "meters per second",
}
# Abbreviations in brackets before a year.
_LIVES = {"b": "born", "d": "died", "r": "reigned", "fl": "flourished"}
_NUMBER_NEXT = lazy(
    r"\s?(?:#\s?)?(?:\d|[IVXLivxl]{1,7}\b|(?:zero|oh|one|two|thr|fou?r|five|fif|six|seven|eight?|nine|ten|eleven|twe|thir)"
    r"(?:ee|teen|th|e?ty|lve|nty)?\b)"
)
_DIGIT_NEXT = lazy(r"\s?(?:#\s?)?(?:\d|[IVX]{2,7}\b)")
_COUNT_NEXT = lazy(r"\s(?:#\s?|number\s)?\d")
_NAME_NEXT = lazy(r"\s(?:\p{Lu}|d[eu]\b|van\b|von\b)")
_NAME_BEFORE = lazy(r"(?:\p{Lu}[\p{L}'’-]{1,20}|\p{Lu}|\p{Ll}{2,9}(?:st|nd|rd|th)),?\s\Z")
_ORDINAL_BEFORE = lazy(r"(?:st|nd|rd|th)\s\Z")
_ADDRESS_BEFORE = lazy(r"\d[A-Za-z]?\s(?:[NSEW]\.?\s)?(?:[\p{L}'’-]{1,20}\s|\d{1,3}(?:st|nd|rd|th)\s){1,3}\Z")
# Abbreviations that can also be the last word of a sentence.
_WORDS = frozenset(("max", "min", "temp", "est", "vol", "inc", "corp", "mins", "secs", "ave", "rd", "assoc"))
_AFTER_NAMES = frozenset(("Inc", "Ltd", "Co", "Corp", "Jr", "Sr", "Bros", "Esq"))


def _cased(spoken: str, written: str) -> str:
    return spoken[0].upper() + spoken[1:] if written[0].isupper() else spoken


def _dotted(match: Match) -> str | None:
    word, following, before = match["word"], text_after(match, 24), text_before(match, 48)
    lower = word.lower()
    if lower in _NUMBERED and (_DIGIT_NEXT if lower in ("no", "nos") else _NUMBER_NEXT).match(following):
        return _NUMBERED[lower] + " " * following[0].isdigit()
    if following[:1].isdigit():
        return None
    spoken = _by_context(lower, before, following) or _by_names(word, before, following)
    if spoken is None:
        spoken = _DOTTED.get(lower)
        if spoken is None or (is_end(match) and lower in _WORDS):
            return None
        spoken = _cased(spoken, word)
    return spoken + "." * is_end(match)


def _by_context(lower: str, before: str, following: str) -> str | None:
    """Returns the meaning of a short abbreviation if the surrounding text determines it, or `None` otherwise."""
    if before.endswith("(") and _NUMBER_NEXT.match(following):
        return _LIVES.get(lower)
    if lower == "v" and _NAME_BEFORE.search(before) and _NAME_NEXT.match(following):
        return "versus"
    return {"ed": "edition", "min": "minute"}.get(lower) if _ORDINAL_BEFORE.search(before) else None


def _by_names(word: str, before: str, following: str) -> str | None:
    """Returns the title, street or similar that `word` abbreviates next to a name, or `None` if there is no name."""
    is_title = word in _TITLES and _NAME_NEXT.match(following) is not None
    is_suffix = word in _SUFFIXES and _NAME_BEFORE.search(before) is not None
    if is_title and is_suffix:
        is_title = word not in _AFTER_NAMES and _ADDRESS_BEFORE.search(before) is None
    if is_title:
        return _TITLES[word]
    return _SUFFIXES[word] if is_suffix else None


def _undotted(match: Match) -> str | None:
    word, following, before = match["word"], text_after(match, 24), text_before(match, 48)
    if word in _NUMBERED_UNDOTTED:
        return _NUMBERED_UNDOTTED[word] if _COUNT_NEXT.match(following) else None
    if word in _UNDOTTED:
        return _UNDOTTED[word]
    if word not in _SUFFIXES or _NAME_BEFORE.search(before) is None:
        return None
    if word in ("St", "Dr", "Mt", "Sr", "Ct", "Pl", "Sq") and _NAME_NEXT.match(following):
        return _SUFFIXES[word] if _ADDRESS_BEFORE.search(before) else None
    return _SUFFIXES[word] if word not in ("Co", "Inc", "Corp", "Intl") else None


def _letters(match: Match) -> str | None:
    letters = regex.sub(r"[.\s]", "", match[0])
    end = "." if match[0].endswith(".") and is_end(match) else ""
    phrase = _PHRASES.get(letters.lower())
    if phrase is not None and (letters.islower() or letters.lower() in ("phd", "bsc", "msc")):
        return phrase + end
    return spelled(letters) + end if letters.isupper() else None


def _slashed(match: Match) -> str:
    return _SLASHED[match[0].lower()]


def rules() -> list[Rule]:
    """Returns the rules for abbreviations. They are applied after the rules for units."""
    undotted = sorted({*_UNDOTTED, *_NUMBERED_UNDOTTED, *_SUFFIXES}, key=len, reverse=True)
    return [
        Rule(lazy(r"(?<![\w/])(?:w/o|b/c|b/w|[nN]/[aA]|c/o|[aA]/[cC]|km/h|m/s)(?![\w/])"), _slashed, "/"),
        Rule(lazy(r"(?<![\w/])w/\s?(?=[\p{L}\d])"), lambda _: "with ", "/"),
        Rule(lazy(r"Ph\.\s?D\b\.?|[BM]\.\s?Sc\b\.?"), _letters, has_word(("Ph.", "B.", "M."))),
        Rule(lazy(r"(?<![\w.@/])\p{L}\.(?:\p{L}\.){1,5}+(?!\w)"), _letters, (".", has_letter)),
        Rule(lazy(r"\bA\.(?=\s(?:\p{Lu}\.\s)?\p{Lu}\p{Ll})(?<!\b\p{Ll}{1,20}\sA\.)"), lambda _: "eigh", "A"),
        Rule(lazy(r"(?<![\w.'’@/-])(?<word>\p{L}{1,7})\.(?![\p{L}_.])"), _dotted, (".", has_letter)),
        Rule(lazy(rf"(?<![\w.'’@/-])(?<word>{'|'.join(undotted)})(?![\w.'’@-])"), _undotted, has_word(undotted)),
    ]
