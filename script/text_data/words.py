"""Words that Unicode CLDR lacks, by language."""

from typing import NamedTuple


class Signs(NamedTuple):
    """The words for a sign before a number."""

    minus: str
    plus: str
    plus_minus: str = ""
    """If empty, the words for plus and minus are combined."""


SIGNS = {
    "ar": Signs("ناقص", "زائد", "زائد أو ناقص"),
    "bg": Signs("минус", "плюс", "плюс-минус"),
    "bn": Signs("মাইনাস", "প্লাস"),
    "ca": Signs("menys", "més", "més menys"),
    "cs": Signs("minus", "plus"),
    "cy": Signs("minws", "plws"),
    "da": Signs("minus", "plus"),
    "de": Signs("minus", "plus"),
    "el": Signs("μείον", "συν", "συν πλην"),
    "en": Signs("minus", "plus", "plus or minus"),
    "es": Signs("menos", "más", "más menos"),
    "et": Signs("miinus", "pluss"),
    "eu": Signs("minus", "plus"),
    "fa": Signs("منفی", "مثبت", "مثبت منفی"),
    "fi": Signs("miinus", "plus"),
    "fr": Signs("moins", "plus", "plus ou moins"),
    "he": Signs("מינוס", "פלוס"),
    "hi": Signs("माइनस", "प्लस"),
    "hu": Signs("mínusz", "plusz"),
    "hy": Signs("մինուս", "պլյուս"),
    "id": Signs("minus", "plus"),
    "is": Signs("mínus", "plús"),
    "it": Signs("meno", "più", "più o meno"),
    "ja": Signs("マイナス", "プラス"),
    "ka": Signs("მინუს", "პლუს"),
    "kk": Signs("минус", "плюс"),
    "ko": Signs("마이너스", "플러스"),
    "ku": Signs("mînus", "plus"),
    "lb": Signs("minus", "plus"),
    "lv": Signs("mīnus", "plus"),
    "ml": Signs("മൈനസ്", "പ്ലസ്"),
    "mr": Signs("उणे", "अधिक", "अधिक उणे"),
    "ne": Signs("माइनस", "प्लस"),
    "nl": Signs("min", "plus", "plus of min"),
    "no": Signs("minus", "pluss"),
    "pl": Signs("minus", "plus"),
    "pt": Signs("menos", "mais", "mais ou menos"),
    "ro": Signs("minus", "plus"),
    "ru": Signs("минус", "плюс", "плюс-минус"),
    "sk": Signs("mínus", "plus"),
    "sl": Signs("minus", "plus"),
    "sq": Signs("minus", "plus"),
    "sr": Signs("минус", "плус"),
    "sv": Signs("minus", "plus"),
    "sw": Signs("hasi", "jumlisha"),
    "te": Signs("మైనస్", "ప్లస్"),
    "th": Signs("ลบ", "บวก", "บวกลบ"),
    "tr": Signs("eksi", "artı", "artı eksi"),
    "uk": Signs("мінус", "плюс", "плюс-мінус"),
    "ur": Signs("منفی", "مثبت"),
    "vi": Signs("âm", "dương", "cộng trừ"),
    "zh": Signs("负", "正", "正负"),
}

# Words for the decimal sign in languages in which espeak-ng omits the sign or reads it incorrectly.
DECIMAL_WORDS = {
    "fa": "ممیز",
    "ja": "てん",
    "kk": "бүтін",
    "ko": "점",
    "lb": "Komma",
    "ne": "दशमलव",
    "sv": "komma",
    "th": "จุด",
    "uk": "кома",
}

# Words for a dot in versions and network addresses, in languages in which espeak-ng does not read the dot.
DOT_WORDS = {
    "ja": "てん",
    "ko": "점",
    "nl": "punt",
    "pl": "kropka",
    "pt": "ponto",
    "ro": "punct",
    "sq": "pikë",
    "th": "จุด",
    "uk": "крапка",
}

# Languages in which espeak-ng reads the colon in a time aloud.
SPOKEN_COLON = {"fa", "sr", "uk", "ur"}

# Words that precede a time with a dot, as in "klo 10.30".
CLOCK_WORDS = {
    "da": ["kl.", "klokken", "klokka"],
    "de": ["um", "ab", "bis", "gegen"],
    "et": ["kell"],
    "fi": ["klo", "kello"],
    "id": ["pukul", "jam"],
    "is": ["kl.", "klukkan"],
    "it": ["ore", "alle", "dalle"],
    "lb": ["um"],
    "lv": ["plkst."],
    "no": ["kl.", "klokken", "klokka"],
    "pl": ["godz.", "godzinie", "godzina"],
    "ro": ["ora", "orele"],
    "sl": ["ob"],
    "sq": ["ora"],
    "sv": ["kl.", "klockan"],
}

# The currencies that ambiguous or local currency signs denote, by language.
SHARED_SIGNS = {
    "da": {"kr": "DKK", "kr.": "DKK"},
    "no": {"kr": "NOK", "kr.": "NOK"},
    "sv": {"kr": "SEK", "kr.": "SEK"},
    "is": {"kr": "ISK", "kr.": "ISK"},
    "zh": {"¥": "CNY", "￥": "CNY"},
    "es_MX": {"$": "MXN"},
    "es_AR": {"$": "ARS"},
    "bg": {"лв.": "BGN", "лв": "BGN"},
    "cs": {"Kč": "CZK"},
    "hu": {"Ft": "HUF"},
    "pl": {"zł": "PLN"},
    "ro": {"lei": "RON"},
    "ru": {"руб.": "RUB", "руб": "RUB", "р.": "RUB"},
    "tr": {"TL": "TRY"},
    "uk": {"грн.": "UAH", "грн": "UAH"},
    "vi": {"đ": "VND"},
}

SIGNS_OF_CURRENCIES = {
    "$": "USD",
    "US$": "USD",
    "US-$": "USD",
    "U$S": "USD",
    "U$D": "USD",
    "C$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "MX$": "MXN",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "￥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "₩": "KRW",
    "₴": "UAH",
    "₪": "ILS",
    "₫": "VND",
    "฿": "THB",
    "₸": "KZT",
    "֏": "AMD",
    "₾": "GEL",
    "R$": "BRL",
    "zł": "PLN",
    "Kč": "CZK",
    "Fr.": "CHF",
    "SFr.": "CHF",
}

CURRENCIES = (
    *("EUR", "USD", "GBP", "JPY", "CHF", "CNY", "INR", "RUB", "TRY", "KRW", "UAH", "ILS", "VND", "THB", "KZT", "AMD"),
    *("GEL", "BRL", "PLN", "CZK", "HUF", "SEK", "NOK", "DKK", "ISK", "RON", "BGN", "RSD", "MXN", "ARS", "CAD", "AUD"),
    *("NZD", "IDR", "ALL"),
)

# Currencies whose names share a noun, such as "Swedish krona" and "Danish krone".
RELATED = {
    "USD": ["CAD", "AUD", "NZD"],
    "GBP": ["EGP", "LBP"],
    "RUB": ["BYN"],
    "MXN": ["ARS", "CLP"],
    "ARS": ["MXN", "CLP"],
    "INR": ["PKR", "NPR"],
    "CHF": ["RWF", "GNF"],
    "CZK": ["SEK", "NOK"],
    "SEK": ["NOK", "DKK"],
    "NOK": ["SEK", "DKK"],
    "DKK": ["NOK", "SEK"],
    "ISK": ["SEK", "DKK"],
    "RON": ["MDL"],
    "KRW": ["KPW"],
    "RSD": ["KWD", "TND"],
}
# Patterns for "per" in languages for which CLDR has only a slash.
PER_PATTERNS = {
    "bg": "{0} на {1}",
    "cs": "{0} na {1}",
    "hu": "{0} per {1}",
    "kk": "{1} үшін {0}",
    "lb": "{0} pro {1}",
    "ru": "{0} на {1}",
    "sk": "{0} na {1}",
    "tr": "{1} başına {0}",
    "uk": "{0} на {1}",
    "vi": "{0} trên {1}",
}

# Date formats for languages in which CLDR uses abbreviations or a different calendar.
DATES = {
    "eu": "{y}ko {m}ren {d}a",
    "hu": "{y} {m} {d}",
    "bg": "{d} {m} {y} година",
    "hy": "{y} թվականի {m} {d}",
    "kk": "{y} жылғы {d} {m}",
    "lb": "{d} {m} {y}",
    "ru": "{d} {m} {y} года",
    "th": "{d} {m} {y}",
    "uk": "{d} {m} {y} року",
}

# The word between "million" and the name of a currency.
PARTITIVES = {"ca": "de", "es": "de", "fr": "de", "it": "di", "pt": "de", "ro": "de"}

# Abbreviations of a thousand, a million and so on that CLDR lacks, by language and number of digits.
SCALES = {
    "bg": {"1000": ["хил."]},
    "da": {"1000000": ["mill."], "1000000000": ["mrd."]},
    "de": {"1000": ["Tsd."]},
    "es": {"1000000": ["mill."]},
    "fr": {"1000000": ["Mio"], "1000000000": ["Mds", "Mrd"]},
    "it": {"1000000": ["mln."], "1000000000": ["mld."]},
    "nl": {"1000000000": ["mrd."]},
    "sv": {"1000000": ["milj."], "1000000000": ["mdr", "mdr."]},
}

# Letters for a thousand and so on directly before a currency, as in `3 tkr`, by language. In all languages, `k` and `M`
# are also used, as in `5 M€`.
SCALE_LETTERS = {
    "da": {"t.": "1000", "t": "1000", "T": "1000", "m": "1000000"},
    "de": {"T": "1000"},
    "en": {"K": "1000", "m": "1000000", "bn": "1000000000", "B": "1000000000"},
    "fi": {"t": "1000"},
    "hu": {"E": "1000", "e": "1000", "m": "1000000"},
    "lb": {"T": "1000"},
    "no": {"t": "1000", "T": "1000", "m": "1000000"},
    "sv": {"t": "1000", "T": "1000", "m": "1000000"},
}

# Unit symbols that CLDR lacks, by language.
SYMBOLS = {
    "cs": {"km/hod": "km/h", "hod.": "h", "hod": "h"},
    "da": {"km/t": "km/h", "m/sek": "m/s", "øre": "ct"},
    "de": {
        "km/Std.": "km/h",
        "Std": "h",
        "Sek": "s",
        "Min": "min",
        "qm": "m²",
        "EL": "tbsp",
        "TL": "tsp",
        "Cent": "ct",
        "Ct": "ct",
    },
    "en": {"cent": "ct", "cents": "ct"},
    "es": {"c€": "ct", "cts": "ct", "cts.": "ct"},
    "et": {"km/t": "km/h"},
    "eu": {"km/o": "km/h"},
    "fi": {"km/t": "km/h"},
    "hu": {"km/ó": "km/h", "km/óra": "km/h"},
    "is": {"km/klst": "km/h", "km/klst.": "km/h"},
    "it": {"km/ora": "km/h", "c€": "ct", "cent": "ct"},
    "lb": {"km/st": "km/h"},
    "lv": {"km/st": "km/h"},
    "fr": {"c€": "ct", "cts": "ct", "ko": "kB", "Ko": "kB", "Mo": "MB", "Go": "GB", "To": "TB"},
    "nl": {
        "km/u": "km/h",
        "u": "h",
        "u.": "h",
        "min.": "min",
        "sec.": "s",
        "el": "tbsp",
        "tl": "tsp",
        "EL": "tbsp",
        "TL": "tsp",
        "cent": "ct",
    },
    "no": {"km/t": "km/h", "m/sek": "m/s", "øre": "ct"},
    "pl": {"gr": "ct", "km/godz": "km/h", "godz": "h", "mies": "month", "mies.": "month"},
    "ro": {"km/oră": "km/h"},
    "ru": {
        "км/час": "km/h",
        "м/сек": "m/s",
        "сек": "s",
        "сек.": "s",
        "мин.": "min",
        "мес": "month",
        "мес.": "month",
        "мм рт. ст.": "mmHg",
        "°С": "°C",
    },
    "sk": {"km/hod": "km/h", "hod.": "h", "hod": "h"},
    "sv": {"km/tim": "km/h", "öre": "ct"},
    "tr": {"sa": "h", "dk": "min", "sn": "s"},
    "uk": {"мм рт. ст.": "mmHg", "км/г": "km/h", "сек": "s", "°С": "°C"},
    "zh": {"度C": "°C"},
}

# For languages with a special word for "per" in rates: patterns for a price per item.
PRICE_PATTERNS = {
    "cs": "{0} za {1}",
    "pl": "{0} za {1}",
    "ru": "{0} за {1}",
    "sk": "{0} za {1}",
    "uk": "{0} за {1}",
}
