"""Rules for Spanish."""

from collections.abc import Sequence

import regex

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
from wyoming_piper_serial.text.preparation.languages.es_numerals import Form, cardinal, has_forms, ordinal
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

_DIGITS = listed("cero uno dos tres cuatro cinco seis siete ocho nueve")
_SHORT_MONTHS = {
    "ene": 1,
    "feb": 2,
    "mar": 3,
    "abr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "ago": 8,
    "sep": 9,
    "sept": 9,
    "set": 9,
    "oct": 10,
    "nov": 11,
    "dic": 12,
}
_WEEKDAYS = {
    "lun": "lunes",
    "mar": "martes",
    "mié": "miércoles",
    "mie": "miércoles",
    "jue": "jueves",
    "vie": "viernes",
    "sáb": "sábado",
    "sab": "sábado",
    "dom": "domingo",
}
_BEFORE_DAY = "el|del|al|día|lunes|martes|miércoles|jueves|viernes|sábado|domingo|hoy es"
_AMERICAN = {"MX", "AR", "CL", "CO", "PE", "VE", "UY", "US", "419"}
_ABBREVIATIONS = table("""
    Sr. = señor | Sra. = señora | Srta. = señorita | Sres. = señores | Sras. = señoras | Srtas. = señoritas
    Dr. = doctor | Dra. = doctora | Dres. = doctores | Drs. = doctores | Dña. = doña | D.ª = doña | D.a = doña
    Prof. = profesor | Profa. = profesora | Lic. = licenciado | Licda. = licenciada | Ing. = ingeniero
    Arq. = arquitecto | Gral. = general | Cnel. = coronel | Tte. = teniente | Sto. = santo | Sta. = santa
    Mons. = monseñor | Pbro. = presbítero | Ud. = usted | Uds. = ustedes | Vd. = usted | Vds. = ustedes
    p. ej. = por ejemplo | p. e. = por ejemplo | ej. = ejemplo | etc. = etcétera | núm. = número | núms. = números
    n.º = número | nº = número | n.os = números | n° = número | nro. = número | pág. = página | págs. = páginas
    cap. = capítulo | caps. = capítulos | arts. = artículos | tel. = teléfono | teléf. = teléfono | tfno. = teléfono
    Tfno. = teléfono | tlf. = teléfono | av. = avenida | avda. = avenida | Avda. = avenida | c/ = calle
    ctra. = carretera | pza. = plaza | plza. = plaza | pº = paseo | P.º = paseo | izq. = izquierda | izda. = izquierda
    dcha. = derecha | dpto. = departamento | depto. = departamento | apdo. = apartado | aprox. = aproximadamente
    máx. = máximo | mín. = mínimo | EE. UU. = Estados Unidos | EEUU = Estados Unidos | EE UU = Estados Unidos
    JJ. OO. = Juegos Olímpicos | RR. HH. = recursos humanos | FF. AA. = Fuerzas Armadas
    CC. AA. = comunidades autónomas | a. C. = antes de Cristo | d. C. = después de Cristo | a. de C. = antes de Cristo
    d. de C. = después de Cristo | S. A. = S A | S. L. = S L | Cía. = compañía | S. M. = Su Majestad
    Hnos. = hermanos | admón. = administración | atte. = atentamente | vs. = versus | cf. = confróntese
    cta. = cuenta | dto. = descuento | fdo. = firmado | gob. = gobierno | pte. = puente | v. gr. = verbigracia
    ref. = referencia | trad. = traducción | incl. = incluido | hab. = habitantes | s/n = sin número
    q. e. p. d. = que en paz descanse | P. D. = posdata | prov. = provincia | ntra. = nuestra | ntro. = nuestro
    Fdez. = Fernández | Mtnez. = Martínez | Glez. = González | Rguez. = Rodríguez | Mª = María | M.ª = María
    am = a m | pm = p m | a. m. = a m | p. m. = p m | A. M. = a m | P. M. = p m | IA = I A | IoT = I O T | USB = U S B
""")
_AFTER_NUMBER = table("""
    hs = horas | hs. = horas | hrs = horas | hrs. = horas | ud. = unidad | uds. = unidades | u. = unidades
    cda. = cucharadas | cdas. = cucharadas | cdta. = cucharaditas | cdtas. = cucharaditas | cdas = cucharadas
    cdtas = cucharaditas | seg. = segundos | AM = a m | PM = p m | pers. = personas | pág. = páginas | págs. = páginas
    ptas. = pesetas | dl. = decilitros
""")
_BEFORE_NUMBER = table("""
    p. = página | pp. = páginas | t. = tomo | No. = número | N.º = número | Nº = número | art. = artículo
    fig. = figura | vol. = volumen | ed. = edición | máx. = máximo | mín. = mínimo
""")
_BEFORE_NAME = table("D. = don | S. = san | Cap. = capitán | pl. = plaza")
_CODES = (
    "PIN|pin|código|Código|contraseña|clave|código postal|C\\. ?P\\.|CP|teléfono|Teléfono|tel\\.?|Tel\\.?|"
    "tfno\\.?|móvil|"
    "celular|[Ll]lame al|[Ll]lama al|[Ll]lamar al|[Ll]lamen al|[Mm]arque el|[Mm]arca el|[Mm]arque|[Ll]lamada al|"
    "WhatsApp|fax|extensión|expediente|matrícula|número de teléfono|número de serie|DNI|emergencias"
)
_SCALES = {"k": "mil", "K": "mil", "B": "mil millones|mil millones", **dict.fromkeys(("M", "MM"), "millón|millones")}
_CENTS = {
    **dict.fromkeys(("EUR", "CHF"), ("céntimo", "céntimos")),
    "GBP": ("penique", "peniques"),
    "RUB": ("kopek", "kopeks"),
}
_MONEY_NAMES = table("euro = EUR | euros = EUR | dólar = USD | dólares = USD | libras = GBP | reales = BRL")
_PERIODS = table("mes = month | día = d | año = year | semana = week | hora = h | minuto = min")
_SIGNS = Signs(
    times="por",
    minus="menos",
    squared="al cuadrado",
    cubed="al cubo",
    power="elevado a",
    less="menor que",
    greater="mayor que",
    about="aproximadamente",
    number="número",
    equals="igual a",
    plus="más",
    conjunction="y",
    root="raíz cuadrada de",
    unequal="distinto de",
    plus_minus="más menos",
    at_most="menor o igual que",
    at_least="mayor o igual que",
    divided="entre",
    section="sección",
)
_KINGS = listed("""
    felipe carlos alfonso fernando luis enrique juan jaime pedro sancho ramiro pablo pío benedicto león gregorio
    clemente inocencio jorge guillermo eduardo ricardo napoleón francisco federico nicolás alejandro iván amadeo
    garcía ordoño ramsés balduino leopoldo alberto bonifacio urbano juan-pablo darío
""")
_QUEENS = listed("isabel catalina margarita juana maría cristina beatriz ana urraca blanca")
_PARTS_OF_WORKS = (
    "capítulo|cap\\.|tomo|volumen|acto|escena|libro|parte|fase|tipo|nivel|artículo|anexo|clase|título|temporada|episodio|"
    "sección|unidad|grado|categoría|zona|factor|guerra mundial|vaticano|apartado"
)
_COUNTED_FEMININE = (
    "guerra|edición|república|internacional|cumbre|jornada|conferencia|feria|olimpiada|legislatura|dinastía|semana|"
    "carrera|copa|bienal|muestra|asamblea|brigada|división|región|cruzada"
)
_COUNTED_MASCULINE = "congreso|concurso|certamen|festival|encuentro|premio|foro|concilio|reich|milenio|aniversario|plan"
_FEMININE = listed("""
    hora horas semana semanas vez veces luz luces lámpara lámparas bombilla bombillas puerta puertas ventana ventanas
    persiana persianas habitación habitaciones persona personas alarma alarmas cámara cámaras canción canciones lista
    listas tarea tareas taza tazas cucharada cucharadas cucharadita cucharaditas pizca pizcas rodaja rodajas botella
    botellas página páginas línea líneas pregunta preguntas respuesta respuestas notificación notificaciones escena
    escenas automatización automatizaciones zona zonas televisión televisiones tonelada toneladas libra libras onza
    onzas pulgada pulgadas yarda yardas milla millas pinta pintas caloría calorías kilocaloría kilocalorías atmósfera
    atmósferas parte partes corona coronas rupia rupias lira liras unidad unidades casa casas noche noches mañana
    mañanas tarde tardes mujer mujeres niña niñas ciudad ciudades isla islas hoja hojas lata latas caja cajas mesa
    mesas silla sillas receta recetas docena docenas cosa cosas palabra palabras actualización actualizaciones entidad
    entidades toma tomas candela candelas grivna grivnas hectárea hectáreas peseta pesetas
""")
_MASCULINE = listed("""
    minuto minutos segundo segundos día días mes meses año años grado grados dispositivo dispositivos interruptor
    interruptores sensor sensores temporizador temporizadores enchufe enchufes ventilador ventiladores termostato
    termostatos altavoz altavoces televisor televisores error errores mensaje mensajes correo correos evento eventos
    artículo artículos elemento elementos producto productos kilo kilos litro litros vaso vasos diente dientes huevo
    huevos tomate tomates paquete paquetes paso pasos piso pisos hombre hombres niño niños país países libro libros
    céntimo céntimos centavo centavos penique peniques coche coches millón metro metros gramo gramos recordatorio
    recordatorios cuarto cuartos
""")
_HALVES_OF_FEMININE = {*_FEMININE, *listed("cebolla manzana pastilla docena copa cuchara barra piña sandía")}
_HALVES_OF_MASCULINE = {
    *_MASCULINE,
    *listed("limón pepino pimiento aguacate tarro bote kilómetro pollo manojo sobre cubito vasito kilogramo"),
}
_HALVES = {*_HALVES_OF_FEMININE, *_HALVES_OF_MASCULINE}
_SYMBOLS = table("""
    cda. = cucharada | cda = cucharada | cdas. = cucharadas | cdta. = cucharadita | cdta = cucharadita
    cdtas. = cucharaditas | cdita. = cucharadita | tz. = taza
""")
_FORMS = {"h": Form.FEMININE, "min": Form.MASCULINE, "s": Form.MASCULINE}
_PARTS = {3: "tercio", 4: "cuarto", 9: "noveno", 10: "décimo", 11: "onceavo", 12: "doceavo", 16: "dieciseisavo"}
_MASCULINE_BEHIND_ORDINAL = (
    "piso|puesto|lugar|grado|año|día|capítulo|premio|trimestre|cuatrimestre|semestre|curso|nivel|episodio|paso|mes|"
    "intento|aniversario|ministro|hijo|equipo|clasificado|partido|set|tiempo|turno|plato|cuarto|nombre|artículo"
)


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Spanish rules that run before the core rules for all languages, in order of application."""
    first = "primero" if locale.region in _AMERICAN else "1"
    calendar = Calendar(_SHORT_MONTHS, _WEEKDAYS, first, "de", _BEFORE_DAY, "es|hasta", "a")
    return [
        *references(locale),
        coordinates(locale, "norte = N | sur = S | este = E | oeste = O W"),
        *_telephones(),
        *not_counted(locale, digit_strings(_DIGITS, plus="más", contexts=_CODES), (*_FEMININE, *_MASCULINE)),
        *flights("vuelo", _DIGITS),
        *page_ranges("páginas?|págs?\\.|pp?\\.", "a"),
        *ranges("a", score="a"),
        *hour_ranges("a"),
        *parts_of("nota|calificación|puntuación|valoración", "sobre"),
        *parts_of("página|pista|canción|paso|parte|episodio|diapositiva|foto|mensaje", "de"),
        *periods(locale, _PERIODS),
        *scaled_money(locale, _SCALES),
        *money(locale, _MONEY_NAMES, lambda amount: _money(locale, amount)),
        *dates(locale, calendar, _clock),
        *times(
            _clock,
            lambda unit, number: locale.counted(unit, number, cardinal(number, _FORMS[unit])),
            conjunction="y",
            before_clock="las|la|hasta las|desde las",
            hours="horas?|hs|h|H|hrs?",
        ),
        *fractions(locale, _fraction, {noun: noun for noun in _HALVES} | _SYMBOLS),
        apart(abbreviations(_BEFORE_NUMBER, after=rf"(?={SPACE}?(?:[0-9]|[IVX]{{1,6}}(?!\p{{L}})))")),
        *_ordinals(),
        *_centuries(),
        *romans(
            cardinal,
            rulers=dict.fromkeys(_KINGS, False) | dict.fromkeys(_QUEENS, True),
            say_ruler=_ruler,
            before=_PARTS_OF_WORKS,
            after=rf"(?:(?P<feminine>{_COUNTED_FEMININE})|{_COUNTED_MASCULINE})",
            say_before=_counted,
        ),
        *times_sign("por", "veces"),
        *formulas(_DIGITS),
        *eras("antes de Cristo", "después de Cristo"),
        unit_dots(),
        abbreviations(_AFTER_NUMBER, before=after_number()),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Spanish rules that run after the core rules for all languages, in order of application."""
    # Numerals for hours are feminine.
    at_one = rf"(?<=(?<!\p{{L}})(?i:a|es|era|desde|hasta|sobre){SPACE}la{SPACE})1(?![0-9]|[:.,/][0-9])"
    at_twenty_one = rf"(?<=(?<!\p{{L}})(?i:las){SPACE})21(?![0-9]|[:.,/][0-9])"
    return [
        Rule(lazy(at_one), lambda _: "una", COUNTS),
        Rule(lazy(at_twenty_one), lambda _: "veintiuna", COUNTS),
        number_signs("número"),
        apart(abbreviations(_ABBREVIATIONS)),
        abbreviations(_BEFORE_NAME, before=no_name_before(), after=rf"(?={SPACE}?\p{{Lu}}\p{{Ll}})"),
        lone_currency(locale),
        leading_points(locale),
        *signs(_SIGNS),
    ]


def agreement_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Spanish rules for numbers before nouns, such as `veintiún` and `veintiuna`."""

    def say(number: int, _: str, is_feminine: bool) -> str | None:
        if not is_feminine and number % 10 != 1:
            return None
        form = Form.FEMININE if is_feminine else Form.MASCULINE
        return f"{cardinal(number, form)} " if has_forms(number, form) else None

    return [agreement(locale, say, masculine=_MASCULINE, feminine=_FEMININE)]


def _telephones() -> list[Rule]:
    # None of these patterns matches groups of three digits alone, because they could be thousands.
    spaced = rf"{START}[6789][0-9]{{2}}(?:{SPACE}[0-9]{{2}}){{3}}{END}"
    provincial = rf"{START}9[0-9]{SPACE}[0-9]{{3}}{SPACE}[0-9]{{2}}{SPACE}[0-9]{{2}}{END}"
    hyphened = rf"{START}[0-9]{{2,3}}-[0-9]{{3,4}}-[0-9]{{4}}{END}"
    return spelled((lazy(pattern) for pattern in (spaced, provincial, hyphened)), _DIGITS, has_digits(9))


def _clock(time: Time) -> str:
    is_spelled = time.hours in (1, 21)

    def say(number: int) -> str:
        return cardinal(number) if is_spelled else str(number)

    hours = cardinal(time.hours, Form.FEMININE) if is_spelled else str(time.hours)
    if time.seconds:
        minutes = f"{say(time.minutes)} y " if time.minutes else ""
        seconds = cardinal(time.seconds, Form.MASCULINE) if is_spelled else time.seconds
        return f"{hours} y {minutes}{seconds} segundo{'s' if time.seconds > 1 else ''}"
    if time.minutes:
        words = f"{hours} y {say(time.minutes)}" if time.minutes < 10 else f"{hours} {say(time.minutes)}"
        return f"{words} horas" if time.has_hours else words
    if not time.has_hours and (
        (time.before in ("las", "la") and 0 < time.hours < 13) or time.after in ("de", "del", "en", "y")
    ):
        return hours
    return f"{hours} hora{'s' if time.hours != 1 else ''}"


def _money(locale: Locale, amount: Money) -> str:
    if not amount.units and amount.hundredths:
        cent = _CENTS.get(amount.currency, ("centavo", "centavos"))
        return f"{amount.hundredths} {cent[amount.hundredths > 1]}"
    name = locale.currency(amount.currency, 2, "").strip()
    form = Form.FEMININE if name.split(" ")[0].casefold() in _FEMININE else Form.MASCULINE
    is_spelled = has_forms(amount.units, form)
    text = locale.currency(amount.currency, amount.units, cardinal(amount.units, form) if is_spelled else None)
    if not amount.hundredths:
        return text
    return f"{text} con {cardinal(amount.hundredths) if is_spelled else amount.hundredths}"


def _fraction(fraction: Fraction) -> str | None:
    whole, numerator, denominator, noun, _ = fraction
    behind = f" {noun}" if fraction.is_unit else ""
    if denominator == 2:
        half = "media" if is_feminine_noun(noun.split(" ")[0], _HALVES_OF_FEMININE, _HALVES_OF_MASCULINE) else "medio"
        if not whole:
            return half + behind if behind else "un medio" if half == "medio" and not noun else half
        if not behind:
            return f"{whole} y {half}"
        return f"{whole} {counted_noun(noun, whole, _HALVES)} y {half}"
    if denominator > 16:
        return f"{numerator} sobre {denominator}" if not (whole or behind) else None
    part = _PARTS.get(denominator) or (
        f"{cardinal(denominator)}avo" if 10 < denominator < 100 else ordinal(denominator)
    )
    count = "un" if numerator == 1 else str(numerator)
    words = f"{count} {part}" + ("s" if numerator > 1 else "")
    if whole:
        words = f"{whole} y {words}"
    return f"{words} de {noun}" if behind else words


def _ordinals() -> list[Rule]:
    letters = r"er(?:\.(?=[ \u00a0]\p{Ll}))?|ero|era|do|da|ra|to|ta|mo|ma|vo|va|no|na"
    mark = rf"(?:\.?(?P<mark>[ºª])s?|\.?(?P<letters>{letters})(?!\p{{L}}))"
    pattern = rf"{START}(?P<number>[1-9][0-9]?|100|1\.?000){mark}(?![\p{{L}}\p{{N}}])(?={SPACE}?(?P<noun>\p{{L}}+)?)"

    def replace(match: Match) -> str | None:
        if match["mark"] == "º" and follows_temperature(match):
            return None
        number, letters = int(match["number"].replace(".", "")), match["letters"] or ""
        is_feminine = match["mark"] == "ª" or letters.endswith("a")
        words = ordinal(number, is_feminine=is_feminine)
        is_short = not is_feminine and number % 10 in (1, 3) and number != 11
        noun = match["noun"] or ""
        if is_short and (letters.startswith("er") or regex.fullmatch(_MASCULINE_BEHIND_ORDINAL, noun)):
            words = words[:-1]
        return words

    return [Rule(lazy(pattern), replace, COUNTS)]


def _centuries() -> list[Rule]:
    # Centuries up to the tenth are read as ordinals.
    short = rf"(?<!\p{{L}}\.?)s\.(?={SPACE}[IVX]{{1,6}}(?!\p{{L}}))"
    link = rf"(?:[IVX]{{1,6}}{SPACE}[ye]{SPACE})?"
    pattern = rf"(?<=(?<!\p{{L}})[Ss]iglos?{SPACE}{link})(?P<numeral>[IVX]{{1,6}})(?![\p{{L}}\p{{N}}])"

    def replace(match: Match) -> str | None:
        value = roman_value(match["numeral"])
        if value is None:
            return None
        return ordinal(value) if value < 11 else cardinal(value)

    return [Rule(lazy(short), lambda _: "siglo", "IVX"), Rule(lazy(pattern), replace, "IVX")]


def _ruler(value: int, is_feminine: bool) -> str:
    return ordinal(value, is_feminine=is_feminine) if value < 11 else cardinal(value)


def _counted(value: int, is_feminine: bool) -> str:
    words = ordinal(value, is_feminine=is_feminine)
    return words[:-1] if not is_feminine and value % 10 in (1, 3) and value != 11 else words
