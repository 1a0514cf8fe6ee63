"""Italian text is spoken as a person would say it."""

import pytest

from tests.text.preparation.tables import lines, pairs
from tests.text.spoken import is_spoken_as, prepared

_DATES = """
l'8/3
    l'8 marzo
giovedì 3 ott
    giovedì 3 ottobre
dell'1 maggio
    del primo maggio
Oggi è il 3/10/2024.
    Oggi è il 3 ottobre 2024.
Oggi è il 1/10/2024.
    Oggi è il primo ottobre 2024.
Il 03.10.24 e il 3-10-2024.
    Il 3 ottobre 2024 e il 3 ottobre 2024.
il 31/12/99
    il 31 dicembre 1999
È il 2024-03-05.
    È il 5 marzo 2024.
2024-10-01T18:05:00
    primo ottobre 2024, 18 e 5
Aggiornato: 2024-10-03 18:45:12
    Aggiornato: 3 ottobre 2024, 18, 45 e 12 secondi
Lun. 6 gen. è festa.
    lunedì 6 gennaio è festa.
Ven 3 ott. 2024
    venerdì 3 ottobre 2024
Il 3 ott 2024
    Il 3 ottobre 2024
sett. 2024
    settembre 2024
Il 3/10 alle 8.
    Il 3 ottobre alle 8.
entro il 15/3
    entro il 15 marzo
Il 1 maggio, il 1º maggio, il 1° maggio
    Il primo maggio, il primo maggio, il primo maggio
È giovedì 3 ottobre 2024.
Oggi è il 03/10/2026, entro il 01/05.
    Oggi è il 3 ottobre 2026, entro il primo maggio.
l'1/5 e dell'1/12
    il primo maggio e del primo dicembre
"""
_TIMES = """
È l'1 e un quarto.
    È l'una e un quarto.
dell'1%
    dell'1 percento
Sono le 07:05.
    Sono le 7 e 5.
Sono le 01:30.
    È l'una e trenta.
È l'1:00.
    È l'una.
all'1:30
    all'una e trenta
Alle 1:15
    All'una e quindici
Adesso sono le 1:00.
    Adesso è l'una.
Sono le 18:00.
    Sono le 18.
alle 18:45
    alle 18 e 45
(18:45)
    (18 e 45)
ore 18.45
    ore 18 e 45
Ore 18:45
    Ore 18 e 45
alle 8.30
    alle 8 e 30
dalle 9:00 alle 18:30
    dalle 9 alle 18 e 30
di 8:00-17:30
    di 8 a 17 e 30
18h45
    18 e 45
9h-18h
    9 ore a 18 ore
Il timer è di 1:30:00.
    Il timer è di un'ora e trenta minuti.
Mancano 0:05:00.
    Mancano cinque minuti.
2:01:01
    due ore, un minuto e un secondo
alle 18:45:30
    alle 18, 45 e 30 secondi
3 h 20 min
    tre ore e venti minuti
3h 20m e 5m 30s
    tre ore e venti minuti e cinque minuti e trenta secondi
h 15:30
    ore 15 e 30
"""
_RANGES = """
pagina 1/3
    pagina 1 di 3
La guerra del 1914-1918 e del 1939–1945.
    La guerra del 1914 a 1918 e del 1939 a 1945.
Ci vogliono 10-20 giorni.
    Ci vogliono 10 a 20 giorni.
10 – 20 °C
    10 a 20 gradi Celsius
Hanno vinto 3-2.
    Hanno vinto 3 a 2.
del 3,5 %–4 %
    del 3,5 percento a 4 percento
pagg. 12-15
    pagine 12 a 15
"""
_ORDINALS = """
È arrivata 1ª, 2ª, 3ª e 21ª.
    È arrivata prima, seconda, terza e ventunesima.
Il 1.000º visitatore, la 1000ª volta
    Il millesimo visitatore, la millesima volta
Il 3° posto, la 2ª volta, l'8° piano
    Il terzo posto, la seconda volta, l'ottavo piano
10° piano
    decimo piano
1° ottobre
    primo ottobre
il 23º anniversario
    il ventitreesimo anniversario
la 3a volta
    la terza volta
il 15esimo
    il quindicesimo
"""
_ROMANS = """
il XX sec.
    il ventesimo secolo.
Nel sec. XX a Roma
    Nel secolo ventesimo a Roma
nel XXI secolo, nel V secolo, nel XIX secolo
    nel ventunesimo secolo, nel quinto secolo, nel diciannovesimo secolo
Luigi XIV, Elisabetta II
    Luigi quattordicesimo, Elisabetta seconda
Papa Giovanni XXIII e Pio X
    Papa Giovanni ventitreesimo e Pio decimo
Vittorio Emanuele II
    Vittorio Emanuele secondo
la II guerra mondiale e la I guerra mondiale
    la seconda guerra mondiale e la prima guerra mondiale
capitolo IV, atto III
    capitolo quarto, atto terzo
III C
la XX edizione, il III congresso
    la ventesima edizione, il terzo congresso
Rocky IV
    Rocky quarto
"""
_MONEY = """
5,99 €/mese
    5 euro e 99 al mese
2 volte/giorno
    2 volte al giorno
Costa 5,99 €.
    Costa 5 euro e 99.
1,50 €, 0,30 €, 0,01 €, 5,00 €
    un euro e cinquanta, 30 centesimi, un centesimo, 5 euro
$5.99, £3.50, US$ 5.99
    5 dollari e 99, 3 sterline e 50, 5 dollari e 99
1.299,50 €
    1299 euro e 50
-5,99 € e −0,50 €
    meno 5 euro e 99 e meno 50 centesimi
5,99 euro
    5 euro e 99
€ 5,99
    5 euro e 99
0,30 €/kWh o 0,2516 €/kWh
    30 centesimi al chilowattora o 0,2516 euro al chilowattora
3 mln €, 3 M€, 2,5 mld €, 1 M€, 10 k€
    3 milioni di euro, 3 milioni di euro, 2,5 miliardi di euro, un milione di euro, 10 mila euro
$3B e $5M
    3 miliardi di dollari e 5 milioni di dollari
5 milioni di €
    5 milioni di euro
21 €, 1 €
    21 euro, un euro
1,5 mln €, 1 mln €
    1,5 milioni di euro, un milione di euro
12,5 cent/kWh
    12,5 centesimi al chilowattora
"""
_NUMBERS = """
1.234.567 abitanti
    1234567 abitanti
1 234 567 abitanti
    1234567 abitanti
La probabilità è .5.
    La probabilità è 0,5.
-5 e −12,5
    meno 5 e meno 12,5
"""
_DIGITS = """
Il codice ha 500 righe.
Il PIN è 0042.
    Il PIN è zero zero quattro due.
Il codice è 4521.
    Il codice è quattro cinque due uno.
00184 Roma
    zero zero uno otto quattro Roma
CAP 20121
    CAP due zero uno due uno
al 06 1234 5678
    al zero sei, uno due tre quattro, cinque sei sette otto
al 333 123 4567
    al tre tre tre, uno due tre, quattro cinque sei sette
al 3331234567
    al tre tre tre uno due tre quattro cinque sei sette
+39 06 1234 5678
    più tre nove, zero sei, uno due tre quattro, cinque sei sette otto
Chiama il 112.
    Chiama il uno uno due.
800 123 456
    otto zero zero, uno due tre, quattro cinque sei
Il volo AZ1234 è in ritardo.
    Il volo A Z uno due tre quattro è in ritardo.
"""
_FRACTIONS = """
28/30
    28 su 30
1/2 tazza d'acqua
    mezza tazza d'acqua
1/2 litro di latte
    mezzo litro di latte
1/2 l di latte
    mezzo litro di latte
3/4 di tazza
    3 quarti di tazza
¾ cucchiaino di sale
    3 quarti di cucchiaino di sale
2/3 tazza di riso
    2 terzi di tazza di riso
1 1/2 tazze
    una tazza e mezza
2 ½ ore
    2 ore e mezza
1½ kg
    un chilogrammo e mezzo
la metà (1/2)
    la metà (un mezzo)
1/4 kg
    un quarto di chilogrammo
5/8 e 3/10
    5 ottavi e 3 decimi
i 3/4 della gente
    i 3 quarti della gente
2½ kg di farina
    2 chilogrammi e mezzo di farina
"""
_SIGNS = """
Sale & pepe, R&D.
    Sale e pepe, R e D.
x² + 2x = 0
    x al quadrato più 2x uguale 0
√16 = 4 e 3 × 4 = 12
    radice quadrata di 16 uguale 4 e 3 per 4 uguale 12
5 - 3 = 2
    5 meno 3 uguale 2
3 < 5 e 5 > 3
    3 minore di 5 e 5 maggiore di 3
~20 persone
    circa 20 persone
≥ 5 e ≤ 3
    maggiore o uguale a 5 e minore o uguale a 3
§ 5
    paragrafo 5
Lei è il #5.
    Lei è il numero 5.
È 4x più veloce.
    È 4 volte più veloce.
una teglia di 20x30 cm
    una teglia di 20 per 30 centimetri
Il CO2 e il CO₂
    Il C O due e il C O due
12 m² e 3 m³
    12 metri quadrati e 3 metri cubi
Ci sono 20° in salotto e 20 ° fuori.
    Ci sono 20 gradi in salotto e 20 gradi fuori.
"""
_ABBREVIATIONS = """
Sig.ra Bianchi
    Signora Bianchi
cap. IV, vol. II
    capitolo quarto, volume secondo
n.5, pag.12
    numero 5, pagina 12
Il sig. Rossi e la dott.ssa Bianchi
    Il signor Rossi e la dottoressa Bianchi
La sig.ra Verdi, il prof. Neri, l'avv. Blu
    La signora Verdi, il professor Neri, l'avvocato Blu
S. Pietro e S. Maria
    San Pietro e Santa Maria
Mangia frutta, ad es. mele.
    Mangia frutta, ad esempio mele.
Penne, carta, ecc.
    Penne, carta, eccetera.
ecc., e altro
    eccetera, e altro
pag. 12, n. 5, fig. 2, art. 3
    pagina 12, numero 5, figura 2, articolo 3
p.zza Roma, v.le Mazzini
    piazza Roma, viale Mazzini
nel 44 a.C. e nel 100 d.C.
    nel 44 avanti Cristo e nel 100 dopo Cristo.
ca. 20 pers.
    circa 20 persone.
tel. 06 1234 5678
    telefono zero sei, uno due tre quattro, cinque sei sette otto
l'IA e l'IoT
    l'I A e l'I O T
Rossi S.p.A.
    Rossi S P A.
5 min. e 10 sec.
    5 minuti e 10 secondi.
"""
_AGREEMENT = """
Manca 1 ora.
    Manca un'ora.
C'è 1 luce e 1 minuto, 1 euro, 1 zaino.
    C'è una luce e un minuto, un euro, uno zaino.
1 °C, 21 °C e 1 km/h
    un grado Celsius, 21 gradi Celsius e un chilometro orario
1 oncia
    un'oncia
21 ore
"""
_HEARD = """
Ci sono -3 °C fuori.
    Ci sono meno tre gradi Celsius fuori.
La temperatura è di 1 °C.
    La temperatura è di un grado Celsius.
L'auto ha consumato 12,4 kWh.
    L'auto ha consumato dodici virgola quattro {chilowattora|kilowattora}.
La pressione è di 1013 hPa.
    La pressione è di mille tredici {ettopascal|hectopascal}.
La pompa muove 3 m³/h.
    La pompa muove tre metri cubi {all'ora|ora}.
Aggiungi 250ml di latte.
    Aggiungi duecento cinquanta millilitri di latte.
Usa 1/2 tazza d'acqua.
    Usa mezza tazza d'acqua.
Aggiungi ¾ cucchiaino di sale.
    Aggiungi tre quarti di cucchiaino di sale.
Sono le 7:05.
    Sono le sette e cinque.
Il treno parte all'1:30.
    Il treno parte all'una e trenta.
Il timer è di 1:30:00.
    Il timer è di un'ora e trenta minuti.
Il lavaggio dura 3 h 20 min.
    Il lavaggio dura tre ore e venti minuti.
Il 1° maggio è festa.
    Il primo maggio è festa.
È arrivata 1ª, 2ª, 3ª e 21ª.
    È arrivata prima, seconda, terza e ventunesima.
Siamo nel XXI secolo.
    Siamo nel ventunesimo secolo.
Luigi XIV ed Elisabetta II.
    Luigi quattordicesimo ed Elisabetta seconda.
La II guerra mondiale finì.
    La seconda guerra mondiale finì.
Costa 1,50 €.
    Costa un euro e cinquanta.
Un caffè costa £3.50.
    Un caffè costa tre sterline e cinquanta.
Vale 3 mld €.
    Vale tre miliardi di euro.
Lei è il n. 5.
    Lei è il numero cinque.
Hanno vinto 3-2.
    Hanno vinto tre a due.
I tassi salgono del 3,5%–4%.
    I tassi salgono del tre virgola cinque percento a quattro percento.
Chiama il 333 123 4567.
    Chiama il tre tre tre uno due tre quattro cinque sei sette.
Il sig. Rossi e la sig.ra Verdi arrivano.
    Il signor Rossi e la signora Verdi arrivano.
Mangia frutta, ad es. mele, ecc.
    Mangia frutta, ad esempio mele, eccetera.
Vedi fig. 3 a pag. 12.
    Vedi figura tre a pagina dodici.
Sale & pepe, R&D.
    Sale e pepe, R e D.
√16 = 4 e 3 × 4 = 12
    radice quadrata di sedici uguale quattro e tre per quattro uguale dodici
È 4x più veloce.
    È quattro volte più veloce.
C'è 1 luce e manca 1 ora.
    C'è una luce e manca un'ora.
Il livello di CO2 è 800 ppm.
    Il livello di C O due è ottocento parti per milione.
"""
_ORDINARY = """
La luce del soggiorno è accesa.
Il mar Rosso è caldo.
Ogni giorno lavoro.
Ci sono 3 lampade e 12 prese.
Ha 20 anni e lei 35.
Piano B, vitamina C e gruppo O.
La vitamina D3 aiuta.
Il Covid-19 resta.
La Fiat 500 è parcheggiata.
L'A380 vola.
Una maglia XL.
La lettera V è di Vittorio.
Malcolm X parlò.
Windows XP è vecchio.
Premi 1 per continuare.
Premi 2 e poi 3.
Ha detto di no.
I gen Z sono giovani.
Ciao Max. Come stai
La temperatura è di 22 gradi.
Il timer è finito.
Il martedì e il giovedì.
È venuto a maggio.
È in 3D.
I 24 paesi.
Il codice è giusto.
Samuel S. Rossi è qui.
Corso V. Emanuele
Ha fatto tardi.
Es e io sono in latino.
Il 747-400 decolla.
Sul mare luccica.
Tutto a posto?
Il conto è chiaro.
Costa molto.
Set di pentole e set di posate.
Ven qui.
Ha vinto per 3 punti.
Sette più due fa nove.
L'arte di vivere.
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_DATES))
def test_dates(written: str, spoken: str) -> None:
    """Dates are read with the full names of months and weekdays."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_TIMES))
def test_times(written: str, spoken: str) -> None:
    """Times of day and durations are read in words."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_RANGES))
def test_ranges(written: str, spoken: str) -> None:
    """A dash between numbers is read as a word."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ORDINALS))
def test_ordinals(written: str, spoken: str) -> None:
    """Ordinals agree with the noun in gender."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ROMANS))
def test_romans(written: str, spoken: str) -> None:
    """Roman numerals are read as numbers or ordinals."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_MONEY))
def test_money(written: str, spoken: str) -> None:
    """Prices are read with the names of the currency and its subunit."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_NUMBERS))
def test_numbers(written: str, spoken: str) -> None:
    """In numbers, the decimal sign is read, and thousands separators are removed."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_DIGITS))
def test_digits(written: str, spoken: str) -> None:
    """Codes and telephone numbers are read digit by digit or group by group."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_FRACTIONS))
def test_fractions(written: str, spoken: str) -> None:
    """Fractions are read in words, together with the following noun or unit."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_SIGNS))
def test_signs(written: str, spoken: str) -> None:
    """Signs between numbers and letters are read as words."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ABBREVIATIONS))
def test_abbreviations(written: str, spoken: str) -> None:
    """Abbreviations are expanded."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_AGREEMENT))
def test_agreement(written: str, spoken: str) -> None:
    """Numerals agree with the following noun in gender."""
    assert prepared(written, "it") == spoken


@pytest.mark.parametrize(("written", "words"), pairs(_HEARD))
def test_prepared_text_sounds_like_words(written: str, words: str) -> None:
    """espeak-ng pronounces the prepared text like the expected words."""
    assert is_spoken_as(written, words, "it")


@pytest.mark.parametrize("text", lines(_ORDINARY))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """Text that only resembles a date, an abbreviation or a numeral is not changed."""
    assert prepared(text, "it") == text


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_spaces_of_all_kinds_are_read_alike(space: str) -> None:
    """No-break, narrow no-break and thin spaces are treated like plain spaces."""
    for written, spoken in pairs(_MONEY + _FRACTIONS + _TIMES):
        assert prepared(written.replace(" ", space), "it").replace(space, " ") == spoken
