"""Random texts of the kinds that make espeak-ng crash, take very long, or drop phonemes."""

import random
import unicodedata

LANGUAGES = ("en-us", "de", "fr", "es", "it", "nl", "pl", "ru", "tr", "cmn", "ko", "ar")
"""Names of espeak-ng voices."""

PIPER_LANGUAGES = (
    *("ar", "bg", "ca", "cmn", "cs", "cy", "da", "de", "el", "en-gb-x-rp", "en-us", "es", "es-419", "fa", "fi", "fr"),
    *("hi", "hu", "id", "is", "it", "ka", "kk", "lb", "lv", "ml", "nb", "ne", "nl", "pl", "pt", "pt-br", "ro", "ru"),
    *("sk", "sl", "sq", "sr", "sv", "sw", "te", "tr", "uk", "ur", "vi-vn-x-central"),
)
"""Names of the espeak-ng voices that the voices in voices/public.json use."""

SPELLED = (
    *("bcdfghjklmnpqrstvwxz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a1b2c3d4e5", "čšžřđłñçœßþðøåŵ"),
    *("бвгджзклмнпрстфхцчшщ", "АБВГДЕЖЗИЙКЛМНОПРСТУФХ", "αβγδεζηθικλμνξοπρσ", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣ"),
    *("ابتثجحخدذرزسشصض", "אבגדהוזחטיכלמנסעפצקרשת", "कखगघचछजझटठडढणतथदधन", "กขคงจฉชซดตถทธนบปผฝพ"),
    *("აბგდევზთიკლმნოპჟრსტ", "աբգդեզէըթժիլխծկհձղճմ", "கஙசஜஞடணதநனபமயர", "ሀሁሂሃሄለሉሊላሌመሙሚማሜ", "𝐀𝐁𝐂𝐃𝐄𝐅𝐆"),
)
"""Sets of letters for words that espeak-ng spells in some languages. Such words have no vowels, are in capitals,
contain digits or are in another script.

Characters of the Chinese and Japanese scripts are omitted, because espeak-ng reads all of them alike in other
languages.
"""

USUAL_TEXTS = {
    "cmn": "今天天气很好，我们去公园散步，然后回家吃饭。明天可能会下雨，所以请带上雨伞。",
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy a nejneobhospodařovávatelnějšími poli prošel čtvrtek",
    "da": "Høj bly gom vandt fræk sexquiz på wc, og speciallægepraksisplanlægningsstabiliseringsperioden er forbi.",
    "de": "Die Donaudampfschifffahrtsgesellschaft hat gestern mitgeteilt dass die Straßenbahnhaltestelle umgebaut wird",
    "el": "Ξεσκεπάζω την ψυχοφθόρα σας βδελυγμία και σήμερα ο καιρός είναι καλός στην Αθήνα με είκοσι βαθμούς",
    "en-gb-x-rp": "The NHS and the BBC said on the 3rd of May that the www.example.com site had 1,234 visitors.",
    "en-us": "The temperature in the living room is 21.5 degrees and the front door has been open since 7:45",
    "es": "El veloz murciélago hindú comía feliz cardillo y kiwi mientras la cigüeña tocaba el saxofón detrás",
    "fi": "Lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas asuu Helsingissä kauppakadun varrella nykyään",
    "fr": "Portez ce vieux whisky au juge blond qui fume sur l'île intérieure, à côté de l'alcôve ovoïde, les bûches",
    "hi": "आज मौसम बहुत अच्छा है और हम सब शाम को बाज़ार जाएंगे क्योंकि कल स्कूल की छुट्टी है",
    "hu": "Megszentségteleníthetetlenségeskedéseitekért Egy hűtlen vejét fülöncsípő dühös mexikói úr mázol",
    "is": "Vaðlaheiðarvegavinnuverkfærageymsluskúraútidyralyklakippuhringurinn er týndur og enginn veit hvar hann er",
    "it": "Quel vituperabile xenofobo zelante assaggia il whisky ed esclama alleluja precipitevolissimevolmente a Roma",
    "ka": "დღეს კარგი ამინდია და ჩვენ პარკში მივდივართ რადგან ხვალ წვიმა იქნება მთელი დღის განმავლობაში",
    "nl": "De kindercarnavalsoptochtvoorbereidingswerkzaamheden zijn gisteren begonnen in de binnenstad van Rotterdam",
    "pl": "Konstantynopolitańczykowianeczka pchnąć w tę łódź jeża lub ośm skrzyń fig Grzegorz Brzęczyszczykiewicz",
    "pt-br": "Pneumoultramicroscopicossilicovulcanoconiótico é uma palavra comprida da língua portuguesa do Brasil",
    "ru": "Съешь ещё этих мягких французских булок да выпей чаю превысокомногорассмотрительствующий господин из Москвы",
    "sv": "Flygande bäckasiner söka hwila på mjuka tuvor medan realisationsvinstbeskattningen diskuteras i riksdagen",
    "tr": "Muvaffakiyetsizleştiricileştiriveremeyebileceklerimizdenmişsinizcesine pijamalı hasta yağız şoföre güvendi",
    "uk": "Щастям б'єш жук їх глицю в фон й ґедзь пріч а сьогодні у Києві гарна погода і багато людей гуляє в парку",
    "vi-vn-x-central": "Hôm nay trời đẹp và chúng tôi đi dạo trong công viên rồi về nhà ăn cơm với gia đình",
}
"""Long clauses and long words that people write, by espeak-ng voice."""

_LETTERS = "abcdeimotwxzABKMWÀÉßıİøłñőçğаеиотыяФαβωקשمالكहिकกท中国語한국かカ𝐀ﬁ"
_MARKS = ".,;:!?-–—'’\"()[]{}/\\|@#%&*+=<>~^_`$€£°§…·•。、「」¿¡"
_WORDS = (
    "a.m.",
    "e.g.",
    "U.S.A.",
    "z.B.",
    "т.е.",
    "Dr.",
    "No.",
    "http://a.b/c?d=e&f=1",
    "user@example.com",
    "3.14",
    "1,000",
    "12:30",
    "2026-11-26",
    "192.168.1.1",
    "50%",
    "$5",
    "x²",
    "½",
    "C++",
    "foo_bar",
    "MCMXCIX",
    "naïve",
    "Straße",
    "дом",
    "[[həlˈoʊ]]",
    "{a}",
    "<b>",
    "&amp;",
    "1st",
    "A4",
    "km/h",
    "°C",
    "don't",
    "l'eau",
    "เวลา",
    "東京",
)
_SPACES = (" ", "  ", "\n", "\t", "\u00a0", "\u200b", "\u00ad", "")


def random_text(rng: random.Random, size: int = 600) -> str:
    """Return a random text of at most `size` characters."""
    kind = rng.choice((_row, _row, _row, _mixed, _mixed, _unicode, _mutated, _combining, _dotted))
    return kind(rng)[: rng.randint(1, size)]


def _unit(rng: random.Random) -> str:
    choice = rng.random()
    if choice < 0.4:
        return rng.choice(_LETTERS)
    if choice < 0.65:
        return rng.choice(_MARKS)
    if choice < 0.75:
        return rng.choice("0123456789")
    if choice < 0.85:
        return rng.choice(_SPACES)
    return rng.choice(_WORDS)


def _row(rng: random.Random) -> str:
    """Return a short random sequence of letters, marks and words, repeated many times, such as "w.w.w." or "A.B. A.B.
    "."""
    unit = "".join(_unit(rng) for _ in range(rng.randint(1, 6)))
    return (unit or "a") * rng.choice((3, 10, 30, 100, 600))


def _mixed(rng: random.Random) -> str:
    return "".join(_unit(rng) for _ in range(rng.randint(1, 300)))


def _unicode(rng: random.Random) -> str:
    limit = rng.choice((0x250, 0x3000, 0x20000))
    characters = (chr(rng.randrange(0x20, limit)) for _ in range(rng.randint(1, 300)))
    return "".join(character for character in characters if unicodedata.category(character) != "Cs")


def _mutated(rng: random.Random) -> str:
    words = ["Then", "Dr. Smith", "jumps", "at", "3.30 p.m.", "for $5", "or 10 % of it,", "e.g. now"]
    for _ in range(rng.randint(1, 20)):
        words.insert(rng.randrange(len(words)), "".join(_unit(rng) for _ in range(rng.randint(1, 30))))
    return " ".join(words)


def _dotted(rng: random.Random) -> str:
    """Return letters and standalone combining marks, separated by dots, such as "佛.ा.佛.佛."."""
    letters = [
        rng.choice(_LETTERS + "佛軋憉ⅣⅫⓐ⒗½⠫" + "\u093e\u0e31\U00011439\U00011728") for _ in range(rng.randint(1, 4))
    ]
    dot = rng.choice((".", ". ", ".\u200c", "․", ".,", ".-"))
    return "".join(rng.choice(letters) + dot for _ in range(rng.choice((30, 100, 300))))


def _combining(rng: random.Random) -> str:
    marks = "\u0300\u0301\u0308\u0327\u20dd\u094d\u0e31"
    return "".join(rng.choice(_LETTERS) + rng.choice(marks) * rng.choice((0, 1, 3, 50)) for _ in range(100))
