"""Spanish text is spoken as a person would say it."""

import pytest

from tests.text.preparation.tables import lines, pairs
from tests.text.spoken import is_spoken_as, prepared

_DATES = """
lun, 6 ene
    lunes, 6 de enero
jueves 3 oct
    jueves 3 de octubre
Hoy es 3/10/2024.
    Hoy es 3 de octubre de 2024.
Hoy es 1/10/2024.
    Hoy es 1 de octubre de 2024.
El 03.10.24 y el 3-10-2024.
    El 3 de octubre de 2024 y el 3 de octubre de 2024.
el 31/12/99
    el 31 de diciembre de 1999
Es el 2024-03-05.
    Es el 5 de marzo de 2024.
2024-10-01T18:05:00
    1 de octubre de 2024, 18 y 5
Actualizado: 2024-10-03 18:45:12
    Actualizado: 3 de octubre de 2024, 18 y 45 y 12 segundos
El lun. 6 ene. es fiesta.
    El lunes 6 de enero es fiesta.
El vie, 3 de oct. de 2024.
    El viernes, 3 de octubre de 2024.
El 3 oct 2024
    El 3 de octubre de 2024
mié 8 ene 2025
    miércoles 8 de enero de 2025
sept. de 2024
    septiembre de 2024
El 3/10 a las 8.
    El 3 de octubre a las 8.
hasta el 15/3
    hasta el 15 de marzo
El 1.000.º visitante, la 1000.ª vez
    El milésimo visitante, la milésima vez
1 de mayo, 1º de mayo, 1.º de mayo
    1 de mayo, primero de mayo, primero de mayo
Es jueves, 3 de octubre de 2024.
Hoy es 03/10/2026. La cita es el 03/10/26 a las 9.
    Hoy es 3 de octubre de 2026. La cita es el 3 de octubre de 2026 a las 9.
El 09-12-2026 y el 03/10.
    El 9 de diciembre de 2026 y el 3 de octubre.
"""
_TIMES = """
Es la 1 y cuarto.
    Es la una y cuarto.
Son las 21 y media.
    Son las veintiuna y media.
La 1 es una cadena.
a la 1:00 pm
    a la una p m
Son las 7:05.
    Son las 7 y 5.
Es la 1:15.
    Es la una quince.
Es la 1:00.
    Es la una.
a las 21:00
    a las veintiuna horas
a las 9:00 de la mañana
    a las 9 de la mañana
a las 12:00
    a las 12
(18:45)
    (18 45)
18:45 h
    18 45 horas
a las 07:30 h.
    a las 7 30 horas.
de 9h a 18h30
    de 9 horas a 18 30
9h-18h
    9 horas a 18 horas
de 8:00-17:30
    de 8 horas a 17 30
El temporizador es de 1:30:00.
    El temporizador es de una hora y treinta minutos.
Quedan 0:05:00.
    Quedan cinco minutos.
2:01:01
    dos horas, un minuto y un segundo
a las 18:45:30
    a las 18 y 45 y 30 segundos
3 h 20 min
    tres horas y veinte minutos
3h 20m y 5m 30s
    tres horas y veinte minutos y cinco minutos y treinta segundos
a las 3 p. m. y a las 10:30 a.m.
    a las 3 p m y a las 10 30 a m.
3 pm
    3 p m
"""
_RANGES = """
página 1/3
    página 1 de 3
La guerra de 1914-1918 y de 1939–1945.
    La guerra de 1914 a 1918 y de 1939 a 1945.
Tarda 10-20 días.
    Tarda 10 a 20 días.
10 – 20 °C
    10 a 20 grados Celsius
Ganaron 3-2.
    Ganaron 3 a 2.
de 3,5 %–4 %
    de 3,5 por ciento a 4 por ciento
págs. 12-15
    páginas 12 a 15
"""
_ORDINALS = """
1er. lugar
    primer lugar
Llegó 1.º, 2.ª, 3º, 1ª y 21.º.
    Llegó primero, segunda, tercero, primera y vigésimo primero.
el 1.er piso, el 3º piso, el 1er lugar
    el primer piso, el tercer piso, el primer lugar
la 2da vez, el 5to grado
    la segunda vez, el quinto grado
la 15.ª edición
    la decimoquinta edición
10º aniversario
    décimo aniversario
la 100.ª vez
    la centésima vez
"""
_ROMANS = """
el s. XXI
    el siglo veintiuno
el siglo XXI, el siglo V, los siglos XIX y XX
    el siglo veintiuno, el siglo quinto, los siglos diecinueve y veinte
el s. XVIII
    el siglo dieciocho
en el siglo I a. C.
    en el siglo primero antes de Cristo.
Luis XIV, Felipe VI, Isabel II
    Luis catorce, Felipe sexto, Isabel segunda
Alfonso XIII, Juan Pablo II, Carlos V
    Alfonso trece, Juan Pablo segundo, Carlos quinto
la II Guerra Mundial y la I Guerra Mundial
    la segunda Guerra Mundial y la primera Guerra Mundial
la XX edición, el III Congreso
    la vigésima edición, el tercer Congreso
capítulo IV
    capítulo cuatro
Rocky IV
    Rocky cuatro
"""
_MONEY = """
5,99 €/mes
    5 euros con 99 por mes
2 veces/día
    2 veces por día
Cuesta 5,99 €.
    Cuesta 5 euros con 99.
1,50 €, 0,30 €, 0,01 €, 5,00 €
    un euro con cincuenta, 30 céntimos, un céntimo, 5 euros
21,50 €
    veintiún euros con cincuenta
$5.99, £3.50, US$ 5.99
    5 dólares con 99, 3 libras con 50, 5 dólares con 99
1.299,50 €
    1299 euros con 50
-5,99 € y −0,50 €
    menos 5 euros con 99 y menos 50 céntimos
5,99 euros
    5 euros con 99
0,30 €/kWh o 0,2516 €/kWh
    30 céntimos por kilovatio hora o 0,2516 euros por kilovatio hora
3 M€, 1 M€, 10 k€
    3 millones de euros, un millón de euros, 10 mil euros
$3B y $5M
    3 mil millones de dólares y 5 millones de dólares
5 millones de €
    5 millones de euros
21 €, 1 €
    veintiún euros, un euro
200 £
    doscientas libras
1,5 M€, 1 M€, $0,5M
    1,5 millones de euros, un millón de euros, 0,5 millones de dólares
12,5 cts/kWh
    12,5 céntimos por kilovatio hora
"""
_NUMBERS = """
1.234.567 habitantes
    1234567 habitantes
1 234 567 habitantes
    1234567 habitantes
La probabilidad es .5.
    La probabilidad es 0,5.
-5 y −12,5
    menos 5 y menos 12,5
"""
_DIGITS = """
El teléfono cuesta 300 euros.
El código mide 300 mm.
    El código mide 300 milímetros.
El PIN es 0042.
    El PIN es cero cero cuatro dos.
El código es 4521.
    El código es cuatro cinco dos uno.
CP 28013
    CP dos ocho cero uno tres
al 600 12 34 56
    al seis cero cero, uno dos, tres cuatro, cinco seis
Llame al 912 345 678.
    Llame al nueve uno dos, tres cuatro cinco, seis siete ocho.
Llame al 112.
    Llame al uno uno dos.
tel. 91 123 45 67
    teléfono nueve uno, uno dos tres, cuatro cinco, seis siete
+34 600 123 456
    más tres cuatro, seis cero cero, uno dos tres, cuatro cinco seis
El vuelo IB3170 llega tarde.
    El vuelo I B tres uno siete cero llega tarde.
"""
_FRACTIONS = """
15/20
    15 sobre 20
1/2 taza de agua
    media taza de agua
1/2 litro de leche
    medio litro de leche
1/2 l de leche
    medio litro de leche
3/4 de taza
    3 cuartos de taza
¾ cdta. de sal
    3 cuartos de cucharadita de sal
2/3 taza de arroz
    2 tercios de taza de arroz
1 1/2 tazas
    una taza y media
2 ½ horas
    2 horas y media
1½ kg
    un kilogramo y medio
la mitad (1/2)
    la mitad (un medio)
1/4 kg
    un cuarto de kilogramo
5/8 y 3/10
    5 octavos y 3 décimos
1/3 de la gente
    un tercio de la gente
"""
_SIGNS = """
Sal & pimienta, R&D.
    Sal y pimienta, R y D.
x² + 2x = 0
    x al cuadrado más 2x igual a 0
√16 = 4 y 3 × 4 = 12
    raíz cuadrada de 16 igual a 4 y 3 por 4 igual a 12
5 - 3 = 2
    5 menos 3 igual a 2
3 < 5 y 5 > 3
    3 menor que 5 y 5 mayor que 3
~20 personas
    aproximadamente 20 personas
≥ 5 y ≤ 3
    mayor o igual que 5 y menor o igual que 3
§ 5
    sección 5
Usted es el #5.
    Usted es el número 5.
Es 4x más rápido.
    Es 4 veces más rápido.
un molde de 20x30 cm
    un molde de 20 por 30 centímetros
El CO2 y el CO₂
    El C O dos y el C O dos
12 m² y 3 m³
    12 metros cuadrados y 3 metros cúbicos
x² + 2x = 0, 2x ≥ 5
    x al cuadrado más 2x igual a 0, 2x mayor o igual que 5
"""
_ABBREVIATIONS = """
cap. IV, vol. II
    capítulo cuatro, volumen dos
D.ª Ana
    doña Ana
n.º5, pág.12
    número 5, página 12
El Sr. García y la Dra. López
    El señor García y la doctora López
D. José y Dña. Ana
    don José y doña Ana
Juan D. Perón
p. ej. manzanas
    por ejemplo manzanas
Papel, tinta, etc.
    Papel, tinta, etcétera.
etc., y más
    etcétera, y más
EE. UU. y EE.UU.
    Estados Unidos y Estados Unidos.
pág. 12, núm. 5, n.º 3, fig. 2, art. 4
    página 12, número 5, número 3, figura 2, artículo 4
Ud. vive en Avda. Mayor, 5, 2.º izq.
    usted vive en avenida Mayor, 5, segundo izquierda.
No. 5 de la lista
    número 5 de la lista
Srta. Ruiz, Prof. Gil, Ing. Paz
    señorita Ruiz, profesor Gil, ingeniero Paz
aprox. 20 pers.
    aproximadamente 20 personas.
44 a. C. y 100 d. C.
    44 antes de Cristo y 100 después de Cristo.
2 cdas. de aceite
    2 cucharadas de aceite
la IA y el USB
    la I A y el U S B
5 min. y 10 seg.
    5 minutos y 10 segundos.
"""
_AGREEMENT = """
Queda 1 hora.
    Queda una hora.
Hay 1 luz, 21 luces y 200 personas.
    Hay una luz, veintiuna luces y doscientas personas.
1 grado, 21 grados y 31 días
    un grado, veintiún grados y treinta y un días
101 euros
    ciento un euros
51 minutos
    cincuenta y un minutos
1 °C, 21 °C y 1 km/h
    un grado Celsius, veintiún grados Celsius y un kilómetro por hora
21 %
    21 por ciento
1001 noches
    mil una noches
"""
_HEARD = """
Hace -3 °C fuera.
    Hace menos tres grados Celsius fuera.
La temperatura es de 1 °C.
    La temperatura es de un grado Celsius.
La temperatura es de 21 °C.
    La temperatura es de veintiún grados Celsius.
El coche gastó 12,4 kWh.
    El coche gastó doce coma cuatro kilovatios hora.
La batería está al 85 %.
    La batería está al ochenta y cinco por ciento.
La presión es de 1013 hPa.
    La presión es de mil trece hectopascales.
La bomba mueve 3 m³/h.
    La bomba mueve tres metros cúbicos por hora.
PM2.5 es 12 µg/m³.
    P M dos punto cinco es doce microgramos por metro cúbico.
Use 1/2 taza de agua.
    Use media taza de agua.
Añada ¾ cdta. de sal.
    Añada tres cuartos de cucharadita de sal.
Son las 7:05.
    Son las siete y cinco.
El temporizador es de 1:30:00.
    El temporizador es de una hora y treinta minutos.
El lavado dura 3 h 20 min.
    El lavado dura tres horas y veinte minutos.
La reunión es a las 3 p. m. de hoy.
    La reunión es a las tres p m de hoy.
Hoy es 2024-03-05.
    Hoy es cinco de marzo de dos mil veinticuatro.
La basura se recoge el lun. 6 ene.
    La basura se recoge el lunes seis de enero.
El 1.º de mayo es fiesta.
    El primero de mayo es fiesta.
Nació en 1999.
    Nació en mil novecientos noventa y nueve.
Llegó 1.ª, 2.ª, 3.ª y 21.ª.
    Llegó primera, segunda, tercera y vigésima primera.
Estamos en el siglo XXI.
    Estamos en el siglo veintiuno.
Luis XIV y Felipe VI.
    Luis catorce y Felipe sexto.
La II Guerra Mundial terminó.
    La segunda guerra mundial terminó.
Cuesta 5,99 €.
    Cuesta cinco euros con noventa y nueve.
Cuesta 1,50 €.
    Cuesta un euro con cincuenta.
Un café cuesta £3.50.
    Un café cuesta tres libras con cincuenta.
La luz cuesta 0,30 €/kWh.
    La luz cuesta treinta céntimos por kilovatio hora.
Vale 3 M€.
    Vale tres millones de euros.
Usted es el n.º 5.
    Usted es el número cinco.
Ganaron 3-2.
    Ganaron tres a dos.
Los tipos subieron 3,5 %–4 %.
    Los tipos subieron tres coma cinco por ciento a cuatro por ciento.
Llame al 912 345 678.
    Llame al nueve uno dos tres cuatro cinco seis siete ocho.
El Dr. Pérez y Dña. Ana están aquí.
    El doctor Pérez y doña Ana están aquí.
Coma fruta, p. ej. manzanas.
    Coma fruta, por ejemplo manzanas.
Viajó a EE. UU. ayer.
    Viajó a Estados Unidos ayer.
Véase la pág. 12.
    Véase la página doce.
Sal & pimienta, R&D.
    Sal y pimienta, R y D.
x² + 2x = 0
    x al cuadrado más dos x igual a cero
Es 4x más rápido.
    Es cuatro veces más rápido.
La probabilidad es .5.
    La probabilidad es cero coma cinco.
Hay 1 luz, 21 luces y 200 personas.
    Hay una luz, veintiuna luces y doscientas personas.
Queda 1 hora y 31 segundos.
    Queda una hora y treinta y un segundos.
El nivel de CO2 es de 800 ppm.
    El nivel de C O dos es de ochocientas partes por millón.
"""
_ORDINARY = """
La luz del salón está encendida.
El mar está en calma.
Vamos a la set de grabación.
Compra sal y pan.
La sed y el hambre.
Sale del cine a las tres.
Hay 3 lámparas y 12 enchufes.
Tiene 20 años y ella 35.
Plan B, vitamina C y grupo O.
La vitamina D3 ayuda.
El Covid-19 sigue.
El Seat 600 está aparcado.
El A380 vuela.
Una camiseta XL.
La letra V es la de Víctor.
Malcolm X habló.
Windows XP es viejo.
Pulse 1 para continuar.
Pulse 2 y luego 3.
No. No quiero.
Dijo que no.
El arte de vivir.
La temperatura es de 22 grados.
El temporizador ha terminado.
El martes y el jueves.
Vino en mayo.
Es de 3D.
Los 24 países.
El código es bueno.
Ana dom Pérez y sus amigos.
Juan D. Perón fue presidente.
Ha llegado tarde.
Se va de la casa.
El 747-400 despega.
La clave está en el detalle.
Ganó por 3 puntos.
La cuenta es clara.
Cuesta mucho.
Quiero un café con leche y otro para ti.
Esta tarde llueve en Madrid.
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_DATES))
def test_dates(written: str, spoken: str) -> None:
    """Dates are read with the full names of months and weekdays."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_TIMES))
def test_times(written: str, spoken: str) -> None:
    """Times of day and durations are read in words."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_RANGES))
def test_ranges(written: str, spoken: str) -> None:
    """A dash between numbers is read as a word."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ORDINALS))
def test_ordinals(written: str, spoken: str) -> None:
    """Ordinals agree with the noun in gender."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ROMANS))
def test_romans(written: str, spoken: str) -> None:
    """Roman numerals are read as numbers or ordinals."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_MONEY))
def test_money(written: str, spoken: str) -> None:
    """Prices are read with the names of the currency and its subunit."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_NUMBERS))
def test_numbers(written: str, spoken: str) -> None:
    """In numbers, the decimal sign is read, and thousands separators are removed."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_DIGITS))
def test_digits(written: str, spoken: str) -> None:
    """Codes and telephone numbers are read digit by digit or group by group."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_FRACTIONS))
def test_fractions(written: str, spoken: str) -> None:
    """Fractions are read in words, together with the following noun or unit."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_SIGNS))
def test_signs(written: str, spoken: str) -> None:
    """Signs between numbers and letters are read as words."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ABBREVIATIONS))
def test_abbreviations(written: str, spoken: str) -> None:
    """Abbreviations are expanded."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_AGREEMENT))
def test_agreement(written: str, spoken: str) -> None:
    """Numerals agree with the following noun in gender."""
    assert prepared(written, "es") == spoken


@pytest.mark.parametrize(("written", "words"), pairs(_HEARD))
def test_prepared_text_sounds_like_words(written: str, words: str) -> None:
    """espeak-ng pronounces the prepared text like the expected words."""
    assert is_spoken_as(written, words, "es")


@pytest.mark.parametrize("text", lines(_ORDINARY))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """Text that only resembles a date, an abbreviation or a numeral is not changed."""
    assert prepared(text, "es") == text


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_spaces_of_all_kinds_are_read_alike(space: str) -> None:
    """No-break, narrow no-break and thin spaces are treated like plain spaces."""
    for written, spoken in pairs(_MONEY + _FRACTIONS + _TIMES):
        assert prepared(written.replace(" ", space), "es").replace(space, " ") == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("es_MX", "Cuesta $5.99 o $1,299.00.", "Cuesta 5 pesos con 99 o 1299 pesos."),
        ("es_MX", "Hoy es 1/10/2024.", "Hoy es primero de octubre de 2024."),
        ("es_MX", "Hace -21.5 °C.", "Hace menos 21.5 grados Celsius."),
        ("es_MX", "al 55-1234-5678", "al cinco cinco, uno dos tres cuatro, cinco seis siete ocho"),
        ("es_AR", "Cuesta $1.299,00 y $5,99.", "Cuesta 1299 pesos y 5 pesos con 99."),
        ("es_AR", "1 de mayo", "primero de mayo"),
        ("es_ES", "1 de mayo", "1 de mayo"),
    ],
)
def test_regions_differ(language: str, written: str, spoken: str) -> None:
    """The first day of a month, the meaning of a currency sign and the decimal sign depend on the region."""
    assert prepared(written, language) == spoken
