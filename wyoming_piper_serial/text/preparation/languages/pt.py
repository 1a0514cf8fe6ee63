"""Rules for Portuguese, as spoken in Brazil and in Portugal."""

from collections.abc import Callable, Sequence

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import (
    END,
    SPACE,
    START,
    abbreviations,
    digit_strings,
    listed,
    page_ranges,
    ranges,
    roman_value,
    spelled,
    table,
)
from wyoming_piper_serial.text.preparation.coordinates import coordinates
from wyoming_piper_serial.text.preparation.languages.pt_fixed_forms import fixed_form_rules
from wyoming_piper_serial.text.preparation.languages.pt_numerals import cardinal, ordinal
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, DIGITS, Match, Rule, has_digits
from wyoming_piper_serial.text.preparation.references import references
from wyoming_piper_serial.text.preparation.romance import (
    Fraction,
    Money,
    after_number,
    agreement,
    apart,
    counted_noun,
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

_DIGITS = listed("zero um dois três quatro cinco seis sete oito nove")
_SHORT_MONTHS = {
    "jan": 1,
    "fev": 2,
    "mar": 3,
    "abr": 4,
    "mai": 5,
    "jun": 6,
    "jul": 7,
    "ago": 8,
    "set": 9,
    "out": 10,
    "nov": 11,
    "dez": 12,
}
_WEEKDAYS = {
    "seg": "segunda",
    "ter": "terça",
    "qua": "quarta",
    "qui": "quinta",
    "sex": "sexta",
    "sáb": "sábado",
    "sab": "sábado",
    "dom": "domingo",
}
_BEFORE_DAY = "dia|segunda|terça|quarta|quinta|sexta|sábado|domingo|segunda-feira|terça-feira|hoje é"
_ABBREVIATIONS = table("""
    Sr. = senhor | Sra. = senhora | Srs. = senhores | Sras. = senhoras | Srta. = senhorita | Sr.ª = senhora
    Sr.a = senhora | Dr. = doutor | Dra. = doutora | Drs. = doutores | Dr.ª = doutora | Dr.a = doutora
    Prof. = professor | Profa. = professora | Prof.ª = professora | Profª = professora | Eng. = engenheiro
    Eng.º = engenheiro | Arq. = arquiteto | Exmo. = excelentíssimo | Exma. = excelentíssima | Sto. = santo
    Sta. = santa | cap. = capítulo | V. Ex.ª = vossa excelência | V. Exa. = vossa excelência | p. ex. = por exemplo
    p.ex. = por exemplo | etc. = etcétera | nº = número | n.º = número | n° = número | Nº = número | N.º = número
    núm. = número | pág. = página | págs. = páginas | fig. = figura | arts. = artigos | tel. = telefone
    cel. = celular | av. = avenida | pça. = praça | pç. = praça | trav. = travessa | rod. = rodovia | estr. = estrada
    bl. = bloco | apto. = apartamento | apt. = apartamento | ap. = apartamento | esq. = esquerdo | dto. = direito
    R/C = rés-do-chão | r/c = rés-do-chão | aprox. = aproximadamente | máx. = máximo | mín. = mínimo
    a.C. = antes de Cristo | d.C. = depois de Cristo | a. C. = antes de Cristo | d. C. = depois de Cristo | S.A. = S A
    S. A. = S A | Ltda. = limitada | Lda. = limitada | Cia. = companhia | EUA = Estados Unidos
    E.U.A. = Estados Unidos | vs. = versus | cf. = confira | obs. = observação | ref. = referência | hab. = habitantes
    depto. = departamento | dept. = departamento | séc. = século | sécs. = séculos | trad. = tradução
    trim. = trimestre
    qtd. = quantidade | qtde. = quantidade | tx. = taxa | máq. = máquina | s/n = sem número | Jr. = júnior
    Ilmo. = ilustríssimo | i.e. = isto é | am = a m | pm = p m | a. m. = a m | p. m. = p m | vc = você | IA = I A
    IoT = I O T
""")
_AFTER_NUMBER = table("""
    hs = horas | hs. = horas | hrs = horas | un. = unidades | seg. = segundos | AM = a m | PM = p m | col. = colheres
    pág. = páginas | págs. = páginas | cols. = colheres
""")
_BEFORE_NUMBER = table("""
    lat. = latitude | long. = longitude
    p. = página | pp. = páginas | No. = número | art. = artigo | vol. = volume | ed. = edição | Km = quilômetro
    km = quilômetro
""")
_BEFORE_NAME = table("""
    D. = dom | Pça. = praça | S. = São | Al. = alameda | Rod. = rodovia | Gen. = general | Cel. = coronel
    Cap. = capitão | Pe. = padre | Dep. = deputado | Sen. = senador | Min. = ministro
""")
_NOT_LAST = table("ex. = exemplo")
_QUEENS_AFTER_D = "Maria|Ana|Isabel|Teresa|Leonor|Catarina|Amélia|Beatriz|Inês|Filipa|Luísa|Carlota|Joana|Rosa"
_CODES = (
    "PIN|pin|[Ff]one|código|Código|senha|CEP|código postal|telefone|Telefone|tel\\.?|Tel\\.?|celular|telemóvel|"
    "[Ll]igue para o|[Ll]igue para|[Ll]iga para o|[Ll]igar para o|[Ll]igar para|[Ll]igue|[Dd]isque|[Mm]arque o|fax|"
    "ramal|matrícula|CPF|NIF|número de telefone|número de série|protocolo|emergência"
)
_MONEY_NAMES = table("euro = EUR | euros = EUR | dólar = USD | dólares = USD | libras = GBP | reais = BRL | real = BRL")
_PERIODS = table("mês = month | dia = d | ano = year | semana = week | hora = h | minuto = min")
_SIGNS = Signs(
    times="vezes",
    minus="menos",
    squared="ao quadrado",
    cubed="ao cubo",
    power="elevado a",
    less="menor que",
    greater="maior que",
    about="aproximadamente",
    number="número",
    equals="igual a",
    plus="mais",
    conjunction="e",
    root="raiz quadrada de",
    unequal="diferente de",
    plus_minus="mais ou menos",
    at_most="menor ou igual a",
    at_least="maior ou igual a",
    divided="dividido por",
    section="parágrafo",
)
_KINGS = listed("""
    luís luis joão pedro josé afonso sancho dinis fernando duarte manuel sebastião henrique filipe miguel carlos pio
    bento leão gregório clemente inocêncio paulo jorge guilherme eduardo ricardo napoleão francisco frederico nicolau
    alexandre ivan alberto leopoldo balduíno ramsés bonifácio urbano felipe
""")
_QUEENS = listed("isabel elizabeth elisabete catarina margarida maria cristina joana vitória leonor")
_PARTS_OF_WORKS = (
    "capítulo|cap\\.|tomo|volume|ato|acto|cena|livro|parte|fase|tipo|nível|artigo|anexo|classe|título|temporada|episódio|"
    "seção|secção|inciso|alínea|unidade|grau|categoria|zona|fator|guerra mundial|vaticano"
)
_COUNTED_FEMININE = (
    "guerra|edição|república|internacional|cúpula|cimeira|jornada|conferência|feira|olimpíada|legislatura|dinastia|"
    "semana|corrida|copa|taça|bienal|mostra|assembleia|divisão|região|cruzada|mostra"
)
_COUNTED_MASCULINE = (
    "congresso|concurso|festival|encontro|prêmio|prémio|fórum|concílio|reich|milênio|milénio|aniversário|século|"
    "simpósio"
)
_FEMININE = listed("""
    hora horas semana semanas vez vezes luz luzes lâmpada lâmpadas porta portas janela janelas persiana persianas
    cortina cortinas sala salas pessoa pessoas câmera câmeras câmara câmaras música músicas lista listas tarefa
    tarefas xícara xícaras chávena chávenas colher colheres pitada pitadas fatia fatias garrafa garrafas página
    páginas linha linhas pergunta perguntas resposta respostas notificação notificações cena cenas automação
    automações zona zonas televisão televisões tomada tomadas fechadura fechaduras tonelada toneladas libra libras
    onça onças polegada polegadas jarda jardas milha milhas pinta pintas caloria calorias quilocaloria quilocalorias
    atmosfera atmosferas parte partes coroa coroas rupia rupias lira liras hryvnia hryvnias unidade unidades casa
    casas noite noites manhã manhãs tarde tardes mulher mulheres menina meninas cidade cidades ilha ilhas folha folhas
    lata latas caixa caixas mesa mesas cadeira cadeiras receita receitas dúzia dúzias coisa coisas palavra palavras
    atualização atualizações entidade entidades candela candelas
""")
_HALVES_OF_FEMININE = {
    *_FEMININE,
    *listed("cebola maçã pastilha barra dose laranja banana cenoura abóbora taça chavena"),
}
_HALVES_OF_MASCULINE = listed("""
    litro litros quilo quilos copo copos limão pepino pimentão abacate pacote sachê frango grama gramas quilograma
    litro dia dias ano anos mês meses quilômetro quilômetros quilómetro quilómetros metro metros melão maço pote
    minuto minutos
""")
_PARTS = {3: "terço", 4: "quarto", 11: "onze avos", 12: "doze avos"}


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Portuguese rules that run before the core rules for all languages, in order of application."""
    is_european = locale.region == "PT"
    first = "1" if is_european else "primeiro"
    calendar = Calendar(_SHORT_MONTHS, _WEEKDAYS, first, "de", _BEFORE_DAY, "em|no|do|até|de|é|[0-9]/[0-9]{1,2} a", "a")
    billion = "mil milhões|mil milhões" if is_european else "bilhão|bilhões"

    def numeral(number: int) -> str:
        return cardinal(number, is_european=is_european)

    million = dict.fromkeys(("M", "mi"), "milhão|milhões")
    return [
        *references(locale),
        coordinates(locale, "norte = N | sul = S | leste = E L | oeste = O W"),
        *fixed_form_rules(_DIGITS),
        *not_counted(locale, digit_strings(_DIGITS, plus="mais", contexts=_CODES), (*_FEMININE, *_HALVES_OF_MASCULINE)),
        *_telephones(),
        *flights("voo", _DIGITS),
        *page_ranges("páginas?|págs?\\.|pp?\\.", "a"),
        *ranges("a", score="a"),
        *hour_ranges("a"),
        *parts_of("página|faixa|música|passo|etapa|parte|episódio|slide|foto|mensagem|nota|avaliação|pontuação", "de"),
        *periods(locale, _PERIODS),
        *scaled_money(locale, {"k": "mil", "K": "mil", "mil": "mil", "B": billion, "bi": billion, **million}),
        *money(locale, _MONEY_NAMES, lambda amount: _money(locale, amount)),
        *dates(locale, calendar, lambda time: _clock(time, is_european=is_european)),
        *times(
            lambda time: _clock(time, is_european=is_european),
            lambda unit, number: locale.counted(
                unit, number, cardinal(number, is_feminine=unit == "h", is_european=is_european)
            ),
            conjunction="e",
            before_clock="às|as|à|até as|até às|das",
            hours="horas?|hs|h|H|hrs?",
        ),
        *fractions(locale, _fraction, _nouns_of_fractions()),
        apart(abbreviations(_BEFORE_NUMBER, after=rf"(?={SPACE}?(?:[0-9]|[IVX]{{1,6}}(?!\p{{L}})))")),
        *_ordinals(),
        *_centuries(numeral),
        *romans(
            numeral,
            rulers=dict.fromkeys(_KINGS, False) | dict.fromkeys(_QUEENS, True),
            say_ruler=lambda value, is_feminine: (
                ordinal(value, is_feminine=is_feminine) if value < 11 else numeral(value)
            ),
            before=_PARTS_OF_WORKS,
            after=rf"(?:(?P<feminine>{_COUNTED_FEMININE})|{_COUNTED_MASCULINE})",
            say_before=lambda value, is_feminine: ordinal(value, is_feminine=is_feminine),
        ),
        *times_sign("por", "vezes"),
        *formulas(_DIGITS),
        *eras("antes de Cristo", "depois de Cristo"),
        unit_dots(),
        abbreviations(_AFTER_NUMBER, before=after_number()),
        # espeak-ng does not pronounce the decimal point.
        Rule(lazy(r"(?<=(?<!\p{L})PM)(?P<space> ?)2[.,]5(?![\p{L}\p{N}])"), lambda _: " 2,5", COUNTS),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Portuguese rules that run after the core rules for all languages, in order of application."""
    queen = rf"(?<![\p{{L}}\p{{N}}.])D\.(?={SPACE}?(?:{_QUEENS_AFTER_D})(?!\p{{L}}))"
    hour = "(?:1|2|21|22)(?![0-9]|[:.,/][0-9])"
    part = rf"(?={SPACE}(?:e{SPACE}(?:meia|um{SPACE}quarto|[0-9])|da{SPACE}\p{{Ll}}))"
    behind_article = rf"(?<=(?<!\p{{L}})(?i:às|as|das|nas|à){SPACE}){hour}"
    behind_verb = rf"(?<=(?<!\p{{L}})(?i:são|é|era|eram){SPACE}){hour}{part}"
    # Without an article or a house number, `R.` is an initial.
    address = rf"(?:d[aeo]s?{SPACE})?\p{{Lu}}[^,.\d]{{1,40}},{SPACE}?(?:n[º°.]{{0,2}}{SPACE}?)?[0-9]"
    article = rf"(?<=(?:na|da|à|a|pela){SPACE}R\.)(?={SPACE}?\p{{Lu}}\p{{Ll}})"
    street = rf"(?<![\p{{L}}\p{{N}}.])R\.(?:{article}|(?={SPACE}?{address}))"
    return [
        Rule(lazy(queen), lambda _: "dona", "D"),
        # Numerals for hours are feminine.
        Rule(lazy(rf"{behind_article}|{behind_verb}"), lambda match: cardinal(int(match[0]), is_feminine=True), COUNTS),
        number_signs("número"),
        apart(abbreviations(_ABBREVIATIONS)),
        Rule(lazy(street), lambda _: "rua", "R"),
        abbreviations(_BEFORE_NAME, before=no_name_before(), after=rf"(?={SPACE}?\p{{Lu}}\p{{Ll}})"),
        abbreviations(_NOT_LAST, after=rf"(?={SPACE}?[\p{{L}}\p{{N}}:(,])"),
        lone_currency(locale),
        leading_points(locale),
        *signs(_SIGNS),
    ]


def agreement_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Portuguese rules for numbers before feminine nouns, such as `duas` and `duzentas`."""
    is_european = locale.region == "PT"

    def say(number: int, _: str, is_feminine: bool) -> str | None:
        if not is_feminine:
            return None
        words = cardinal(number, is_feminine=True, is_european=is_european)
        return f"{words} " if words != cardinal(number, is_european=is_european) else None

    return [agreement(locale, say, masculine=(), feminine=_FEMININE)]


def _telephones() -> list[Rule]:
    area = rf"\(?[1-9][0-9]\)?{SPACE}?9?[0-9]{{4}}[- ][0-9]{{4}}"
    mobile = r"9[0-9]{4}-[0-9]{4}"
    portuguese = rf"[29][0-9]{{2}}{SPACE}[0-9]{{3}}{SPACE}[0-9]{{3}}(?!{SPACE}(?:de|habitantes|pessoas))"
    toll_free = r"0?800[ -][0-9]{3}[ -][0-9]{3,4}"
    local = r"[3-5][0-9]{3}-[0-9]{4}"
    patterns = (area, mobile, portuguese, toll_free, local)
    start = r"(?<![\p{L}\p{N}_/(]|\p{N}[.,:-])"
    return spelled((lazy(rf"{start}{pattern}{END}") for pattern in patterns), _DIGITS, has_digits(8))


def _clock(time: Time, *, is_european: bool) -> str:
    is_spelled = time.hours in (1, 2, 21, 22)

    def say(number: int, *, is_feminine: bool = False) -> str:
        return cardinal(number, is_feminine=is_feminine, is_european=is_european) if is_spelled else str(number)

    hours = say(time.hours, is_feminine=True)
    hours_word = f" hora{'s' if time.hours > 1 else ''}"
    if time.seconds:
        minutes = f"{say(time.minutes)} minuto{'s' if time.minutes > 1 else ''} e " if time.minutes else ""
        seconds = f"{say(time.seconds)} segundo{'s' if time.seconds > 1 else ''}"
        return f"{hours}{hours_word}{', ' if minutes else ' e '}{minutes}{seconds}"
    if not time.minutes:
        return hours + hours_word
    return f"{hours} e {say(time.minutes)}" + (hours_word if time.has_hours else "")


def _money(locale: Locale, amount: Money) -> str:
    cent = "pence" if amount.currency == "GBP" else "cêntimo" if locale.region == "PT" else "centavo"
    if locale.region == "PT" and amount.currency in ("BRL", "MXN", "ARS"):
        cent = "centavo"
    cents = f"{amount.hundredths} {cent}{'s' if amount.hundredths > 1 and cent != 'pence' else ''}"
    if not amount.units and amount.hundredths:
        return cents
    name = locale.currency(amount.currency, 2, "").strip()
    spoken = None
    if name.split(" ")[0].casefold() in _FEMININE:
        is_european = locale.region == "PT"
        spoken = cardinal(amount.units, is_feminine=True, is_european=is_european)
        cents = f"{cardinal(amount.hundredths, is_european=is_european)} {cent}"
    text = locale.currency(amount.currency, amount.units, spoken)
    return f"{text} e {cents}" if amount.hundredths else text


def _fraction(fraction: Fraction) -> str | None:
    whole, numerator, denominator, noun, _ = fraction
    is_feminine = is_feminine_noun(noun.split(" ")[0], _HALVES_OF_FEMININE, _HALVES_OF_MASCULINE)
    behind = f" {noun}" if fraction.is_unit else ""
    if denominator == 2:
        half = "meia" if is_feminine else "meio"
        if not whole:
            return half + behind if behind else "um meio" if not noun else half
        nouns = {*_HALVES_OF_FEMININE, *_HALVES_OF_MASCULINE}
        return f"{whole} {counted_noun(noun, whole, nouns)} e {half}" if behind else f"{whole} e {half}"
    part = _PARTS.get(denominator) or (ordinal(denominator) if denominator < 11 else f"{cardinal(denominator)} avos")
    plural = "s" if numerator > 1 and not part.endswith("avos") else ""
    words = f"{numerator} {part}{plural}"
    if whole:
        words = f"{whole} e {words}"
    return f"{words} de {noun}" if behind else words


def _nouns_of_fractions() -> dict[str, str]:
    short = {"xíc.": "xícara", "col.": "colher"}
    return short | {noun: noun for noun in (*_HALVES_OF_FEMININE, *_HALVES_OF_MASCULINE)}


def _ordinals() -> list[Rule]:
    number = r"(?P<number>[1-9][0-9]{0,2}|1\.?000)"
    pattern = rf"{START}{number}\.?(?P<mark>[ºª°oa])s?(?![\p{{L}}\p{{N}}])(?!{SPACE}?[CF]\b)"

    def replace(match: Match) -> str | None:
        mark = match["mark"]
        if mark in "º°" and follows_temperature(match):
            return None
        if mark in "oa°" and not _NOUN_OF_ORDINAL.match(match.string, match.end()):
            return None
        return ordinal(int(match["number"].replace(".", "")), is_feminine=mark in "ªa")

    return [Rule(lazy(pattern), replace, (DIGITS, "ºª°oa"))]


_NOUN_OF_ORDINAL = lazy(
    r"\s(?:lugar|andar|ano|dia|colocado|capítulo|grau|nível|episódio|turno|tempo|prêmio|prémio|trimestre|semestre|"
    r"aniversário|de (?:janeiro|maio|abril|junho|julho|agosto|setembro|outubro|novembro|dezembro)|vez|fase|parte|"
    r"rodada|temporada|edição|posição|semana|série|classe|guerra|piso|século|artigo)\b"
)


def _centuries(numeral: Callable[[int], str]) -> list[Rule]:
    # Centuries up to the tenth are read as ordinals.
    link = rf"(?:[IVX]{{1,6}}{SPACE}[eao]{SPACE})?"
    pattern = rf"(?<=(?<!\p{{L}})(?:[Ss]éculos?|[Ss]éc\.){SPACE}{link})(?P<numeral>[IVX]{{1,6}})(?![\p{{L}}\p{{N}}])"

    def replace(match: Match) -> str | None:
        value = roman_value(match["numeral"])
        if value is None:
            return None
        return ordinal(value) if value < 11 else numeral(value)

    return [Rule(lazy(pattern), replace, "IVX")]
