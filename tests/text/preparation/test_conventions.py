"""Conventions of writing that many languages share are read in all of them."""

import pytest

from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.frontends import Frontends
from wyoming_piper_serial.text.sentences import SentenceSplitter

_FRONTENDS = Frontends()


def said(language: str, text: str) -> str:
    """Return the spoken sentences of `text`, joined with `|` and without the last dot."""
    frontend, splitter = _FRONTENDS.frontend(language, "auto"), SentenceSplitter(TextSettings(), language)
    spoken = [frontend.spoken(sentence) for sentence in (*splitter.feed(text), *splitter.finish())]
    return "|".join(spoken).removesuffix(".")


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "50 US-$, 50,50 US-$, US-$ 50", "50 Dollar, 50 Dollar 50, 50 Dollar"),
        ("en", "50 US-$, US-$50", "50 dollars, 50 US dollars"),
        ("es", "50 US-$, U$S 50,30", "50 dólares, 50 dólares con 30"),
        ("fr", "50 US-$, 50 C$", "50 dollars, 50 dollars canadiens"),
        ("it", "50 US-$, 50 A$", "50 dollari, 50 dollari australiani"),
        ("nl", "50 US-$, 50 R$", "50 dollar, 50 real"),
        ("pl", "50 US-$, 50,20 U$S", "50 dolarów, pięćdziesiąt dolarów dwadzieścia centów"),
        ("pt", "50 US-$", "50 Dólares"),
        ("ru", "50 US-$", "50 долларов"),
        ("zh", "50 US-$和60 US$", "五十美元和六十美元"),
        ("de", "50 US Bürger, im 2 UG", "50 US Bürger, im 2 UG"),
    ],
)
def test_signs_of_currencies_with_a_country(language: str, written: str, spoken: str) -> None:
    """`US` before a currency sign names the country of the currency, and is never a unit."""
    assert said(language, written) == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("fr", "Du le 3 oct. 26 et le 1er mai.", "Du le 3 octobre 26 et le premier mai"),
        ("es", "El 3 oct. 26 y el 4.", "El 3 de octubre 26 y el 4"),
        ("it", "Il 3 ott. 26, alle 8.", "Il 3 ottobre 26, alle 8"),
        ("nl", "Op 3 okt. 26 en later.", "Op 3 oktober 26 en later"),
        ("sv", "Den 3 okt. 26 och sedan.", "Den 3 okt 26 och sedan"),
        ("fr", "Il vient le 3 oct. 26 personnes attendent.", "Il vient le 3 octobre.|26 personnes attendent"),
    ],
)
def test_years_of_two_digits_after_a_short_month(language: str, written: str, spoken: str) -> None:
    """A year with two digits continues the sentence, unless a noun follows the number."""
    assert said(language, written) == spoken


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("de", "2 hoch 10 gleich 1024, x kleiner oder gleich 5, y ungleich 3, 3 kleiner als 5, Wurzel aus 16"),
        (
            "en",
            (
                "2 to the power of 10 equals 1024, x is less than or equal to 5, y is not equal to 3, "
                "3 is less than 5, the square root of 16"
            ),
        ),
        (
            "fr",
            (
                "2 puissance 10 égale 1024, x inférieur ou égal à 5, y différent de 3, 3 inférieur à 5, "
                "racine carrée de 16"
            ),
        ),
        (
            "es",
            "2 elevado a 10 igual a 1024, x menor o igual que 5, y distinto de 3, 3 menor que 5, raíz cuadrada de 16",
        ),
        (
            "it",
            "2 elevato a 10 uguale 1024, x minore o uguale a 5, y diverso da 3, 3 minore di 5, radice quadrata di 16",
        ),
        (
            "pt",
            "2 elevado a 10 igual a 1024, x menor ou igual a 5, y diferente de 3, 3 menor que 5, raiz quadrada de 16",
        ),
        (
            "nl",
            (
                "2 tot de macht 10 is gelijk aan 1024, x kleiner dan of gelijk aan 5, y is ongelijk aan 3, "
                "3 kleiner dan 5, wortel 16"
            ),
        ),
        (
            "pl",
            (
                "2 do potęgi 10 równa się 1024, x mniejsze lub równe 5, y nie równa się 3, 3 mniejsze niż 5, "
                "pierwiastek z 16"
            ),
        ),
        ("ru", "2 в степени 10 равно 1024, x меньше или равно 5, y не равно 3, 3 меньше пяти, корень из шестнадцати"),
    ],
)
def test_mathematics(language: str, spoken: str) -> None:
    """Signs between numbers and single letters are read in the words of the language."""
    assert said(language, "2^10=1024, x ≤ 5, y ≠ 3, 3<5, √16") == spoken


def test_mathematics_in_chinese() -> None:
    """An exponent is a Chinese numeral."""
    assert said("zh", "题2^10=1024，x^n，10^-3，2^64-1，3<5") == (
        "题二的十次方等于一千零二十四，x的n次方，十的负三次方，二的六十四次方减一，三小于五"
    )


@pytest.mark.parametrize("language", ["de", "en", "fr", "es", "it", "pt", "nl", "pl", "ru"])
def test_signs_that_only_look_like_mathematics(language: str) -> None:
    """Signs in addresses, names and code are not changed."""
    text = "a?x=1&y=22, a_b^c_d, i->j"
    assert said(language, text) == text


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "Jan.–März, von Jan. bis Mai", "Januar bis März, von Januar bis Mai"),
        ("en", "Jan.–Mar.", "January to March"),
        ("fr", "janv.–mars, de janv. à mars", "janvier à mars, de janvier à mars"),
        ("es", "ene.–mar. 2026, lun.–mar.", "enero a marzo de 2026, lunes a martes"),
        ("it", "gen.–mar. 2026, lun.–mar.", "gennaio a marzo 2026, lunedì a martedì"),
        ("pt", "jan.–mar. 2026", "janeiro a março de 2026"),
        ("nl", "jan.–mrt., jan. t/m mrt.", "januari tot maart, januari tot en met maart"),
        ("pl", "sty.–mar., od sty. do mar.", "od stycznia do marca, od stycznia do marca"),
        ("ru", "янв.–март, с янв. по март", "с января по март, с января по март"),
    ],
)
def test_ranges_of_months(language: str, written: str, spoken: str) -> None:
    """`mar.` is a month beside a month, and a weekday beside a weekday."""
    assert said(language, written) == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "Am 3.10 um 18:30.", "Am dritten Oktober um 18 Uhr 30"),
        ("de", "Am 3.5. um 18 Uhr.", "Am dritten Mai um 18 Uhr"),
        ("en", "3/10 at 6:30", "March tenth at six thirty"),
        ("en_GB", "3/10 at 6:30", "the third of October at six thirty"),
        ("fr", "3/10 à 18h30", "3 octobre à 18 heures 30"),
        ("es", "3/10 a las 18:30", "3 de octubre a las 18 30"),
        ("it", "3/10 alle 18:30", "3 ottobre alle 18 e 30"),
        ("pt", "3/10 às 18:30", "3 de outubro às 18 e 30"),
        ("nl", "Op 3-10 om 18:30 uur", "Op 3 oktober om 18 uur 30"),
        ("pl", "3.10 o 18:30", "trzeciego października o osiemnastej trzydzieści"),
        ("ru", "3.10 в 18:30", "третьего октября в восемнадцать тридцать"),
        ("sv", "3/10 kl. 18:30", "3 oktober klockan 18 30"),
        ("uk", "3.10 о 18:30", "3 жовтня о 18 30"),
    ],
)
def test_dates_directly_before_times(language: str, written: str, spoken: str) -> None:
    """A day and a month before the word for "at" and a time are a date, and not a range or a decimal number."""
    assert said(language, written) == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "Nach §§ 12 ff. BGB gilt das.", "Nach Paragrafen 12 fortfolgende BGB gilt das"),
        ("de", "Prof. Dr. h.c. Meier, S. 5 f.", "Professor Doktor honoris causa Meier, Seite 5 folgende"),
        ("de", "Art. 5 Abs. 2 lit. a, Rn. 7", "Artikel 5 Absatz 2 Buchstabe a, Randnummer 7"),
        (
            "de",
            "am So., dem 27.9., und Mo., den 5. Mai",
            "am Sonntag, dem siebenundzwanzigsten September, und Montag, den fünften Mai",
        ),
        ("en", "See art. 5 para. 2, app. 6 and § 4.", "See article 5 paragraph 2, appendix 6 and section 4"),
        ("fr", "Voir art. 5 al. 2 du code, ann. IV.", "Voir article 5 alinéa 2 du code, annexe quatre"),
        ("es", "Véase art. 5 párr. 2, lit. b.", "Véase artículo 5 párrafo 2, literal b"),
        ("it", "Vedi art. 5 c. 2 e h. 15.", "Vedi articolo 5 comma 2 e ore 15"),
        ("pt", "Ver art. 5 al. 2, sec. IV.", "Ver artigo 5 alínea 2, seção quatro"),
        ("nl", "Zie art. 5 par. 3, bijl. 4.", "Zie artikel 5 paragraaf 3, bijlage 4"),
        ("pl", "Zob. art. 5 ust. 2 pkt 3 lit. a.", "Zobacz artykuł 5 ustęp 2 punkt 3 litera a"),
        ("pl", "Rozdz. IV jest długi. Ma 5 pkt.", "Rozdział 4 jest długi.|Ma pięć punktów"),
        ("ru", "По ст. 5 п. 2 закона.", "По статье 5 пункт 2 закона"),
        ("ru", "Гл. IV, ср. рис. 3.", "Глава 4, сравни рисунок 3"),
    ],
)
def test_references_to_laws_and_books(language: str, written: str, spoken: str) -> None:
    """Labels between the numbers of a reference are read, and do not end the sentence."""
    assert said(language, written) == spoken


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("de", "5 Grad Celsius bis 7 Grad Celsius, 5 Kilogramm bis 7 Kilogramm"),
        ("en", "5 degrees Celsius to 7 degrees Celsius, 5 kilograms to 7 kilograms"),
        ("fr", "5 degrés Celsius à 7 degrés Celsius, 5 kilogrammes à 7 kilogrammes"),
        ("nl", "5 graden Celsius tot 7 graden Celsius, 5 kilogram tot 7 kilogram"),
        ("zh", "五摄氏度到七摄氏度, 五千克到七千克"),
    ],
)
def test_ranges_of_amounts_with_the_same_unit(language: str, spoken: str) -> None:
    """The unit may follow both numbers of a range."""
    assert said(language, "5 °C–7 °C, 5 kg – 7 kg") == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("de", "1h 30min 15s, 1d 3h", "eine Stunde 30 Minuten 15 Sekunden, ein Tag 3 Stunden"),
        ("en", "1h 30min 15s, 2d 3h", "1 hour, 30 minutes and 15 seconds, 2 days and 3 hours"),
        ("fr", "1h 30min 15s, 2j 3h", "une heure trente minutes quinze secondes, 2 jours 3 heures"),
        ("es", "1h 30min 15s, 1d 1h", "una hora, treinta minutos y quince segundos, un día una hora"),
        ("it", "2g 3h, 5g", "2 giorni 3 ore, 5 grammi"),
        ("pt", "2d 2h", "2 dias duas horas"),
        ("nl", "1u 30min 15s, 2d 3u", "1 uur 30 minuten 15 seconden, 2 dagen 3 uur"),
        ("pl", "1g 30min, od 2d 3h, 5g", "jedna godzina trzydzieści minut, od dwóch dni trzech godzin, 5 gramów"),
        ("pl", "2d, od 1d 1h, 1d 0h", "2d, od jednego dnia jednej godziny, jeden dzień"),
        ("ru", "1ч 30мин 15с, 2д 3ч", "один час тридцать минут пятнадцать секунд, два дня три часа"),
        ("ru", "около 1д 2ч, 1д 0ч", "около одного дня двух часов, один день"),
        ("zh", "时长1h30m15s，2d3h", "时长一小时三十分钟十五秒，两天三小时"),
        ("uk", "1год 30хв 15с", "1 година 30 хвилин 15 секунд"),
    ],
)
def test_durations_without_spaces(language: str, written: str, spoken: str) -> None:
    """All parts of a duration are read. A letter alone keeps its other meanings."""
    assert said(language, written) == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("pt", "Máx.: 30º; mín.: 18º; o 30º andar", "Máximo: 30 graus; mínimo: 18 graus; o trigésimo andar"),
        ("es", "Temperatura: 21º", "Temperatura: veintiún grados"),
        ("it", "Max: 30º; voto 8/10", "Max: 30 gradi; voto 8 su 10"),
        ("pt", "Faltam 1h30, às 1h30", "Faltam uma hora e trinta minutos, às uma e trinta"),
        ("es", "Dura 1h30", "Dura una hora y treinta minutos"),
        ("it", "Dura 1h30", "Dura un'ora e trenta minuti"),
        ("fr", "note 8/10", "note 8 sur 10"),
        (
            "pt",
            "O evento vai de 10/05 a 12/05, dia 1º/05",
            "O evento vai de 10 de maio a 12 de maio, dia primeiro de maio",
        ),
        ("pt", "Reunião 3/10 às 15h30min", "Reunião 3 de outubro às quinze horas e trinta minutos"),
        ("pt", "jan./2026 e mar/2026, 1º/1/2027", "janeiro de 2026 e março de 2026, primeiro de janeiro de 2027"),
        ("es", "ene./2026", "enero de 2026"),
        ("zh", "2-3天，250ml/份", "两到三天，二百五十毫升每份"),
        ("pt", "Sets: 6/4 e 7/6", "Sets: 6/4 e 7/6"),
        ("zh", "截止：2026.10.03，版本 2026.10.03", "截止：二零二六年十月三日，版本 2026.10.03"),
        ("zh", "湖人102-98勇士，2勺盐，20×30cm", "湖人一百零二比九十八勇士，两勺盐，二十乘以三十厘米"),
        ("zh", "20元/人，3元/公里", "每人二十元，三元每公里"),
        ("zh", "₩5000，C$5，CHF 20", "五千韩元，五加元，二十瑞士法郎"),
        ("en", "2^10-1, 2x=10, 12+13=25", "2 to the power of 10 minus 1, 2x equals 10, 12 plus 13 equals 25"),
    ],
)
def test_other_conventions(language: str, written: str, spoken: str) -> None:
    """Temperatures, durations, grades, scores and prices are read as a person would say them."""
    assert said(language, written) == spoken


@pytest.mark.parametrize(
    ("short", "spoken"),
    [
        *(("pg", "page"), ("ep", "episode"), ("bldg", "building"), ("pts", "parts"), ("hwy", "highway")),
        *(("dist", "distance"), ("ed", "edition"), ("wt", "weight"), ("ht", "height"), ("qty", "quantity")),
        *(("alt", "altitude"), ("freq", "frequency"), ("col", "column")),
    ],
)
def test_english_abbreviation_before_a_number_ends_no_sentence(short: str, spoken: str) -> None:
    """An English abbreviation that is expanded before a number does not end the sentence there."""
    assert said("en", f"The sign says {short}. 5 here.") == f"The sign says {spoken} 5 here"


@pytest.mark.parametrize(
    ("language", "short", "spoken"),
    [
        *(("de", "lt", "laut"), ("de", "Bsp", "Beispiel"), ("es", "nro", "número"), ("es", "dpto", "departamento")),
        *(("fr", "approx", "approximativement"), ("it", "cell", "cellulare"), ("it", "rif", "riferimento")),
        *(
            ("nl", "gem", "gemiddeld"),
            ("pl", "wyd", "wydanie"),
            ("pt", "apto", "apartamento"),
            ("pt", "cel", "celular"),
        ),
        *(("ru", "доб", "добавочный"),),
    ],
)
def test_abbreviation_before_a_number_ends_no_sentence(language: str, short: str, spoken: str) -> None:
    """An abbreviation that usually precedes a number does not end the sentence there."""
    assert said(language, f"A {short}. 12 b").startswith(f"A {spoken} ")
