"""Portuguese text is spoken as a person would say it."""

import pytest

from tests.text.preparation.tables import lines, pairs
from tests.text.spoken import is_spoken_as, prepared

_DATES = """
quinta 3 out
    quinta 3 de outubro
Hoje é 3/10/2024.
    Hoje é 3 de outubro de 2024.
Hoje é 1/10/2024.
    Hoje é primeiro de outubro de 2024.
Dia 03.10.24 e 3-10-2024.
    Dia 3 de outubro de 2024 e 3 de outubro de 2024.
em 31/12/99
    em 31 de dezembro de 1999
É 2024-03-05.
    É 5 de março de 2024.
2024-10-01T18:05:00
    primeiro de outubro de 2024, 18 e 5
Atualizado: 2024-10-03 18:45:12
    Atualizado: 3 de outubro de 2024, 18 horas, 45 minutos e 12 segundos
Seg. 6 jan. é feriado.
    segunda 6 de janeiro é feriado.
Sex, 3 de out. de 2024
    sexta, 3 de outubro de 2024
3 out 2024
    3 de outubro de 2024
set. de 2024
    setembro de 2024
No dia 3/10 às 8.
    No dia 3 de outubro às 8.
até 15/3
    até 15 de março
1 de maio, 1º de maio, 1.º de maio
    primeiro de maio, primeiro de maio, primeiro de maio
É quinta-feira, 3 de outubro de 2024.
A consulta é em 03/10/2026, o pagamento em 05/12.
    A consulta é em 3 de outubro de 2026, o pagamento em 5 de dezembro.
"""
_TIMES = """
São 2 e meia.
    São duas e meia.
É 1 da manhã.
    É uma da manhã.
é 1 problema
às 2 da tarde
    às duas da tarde
São 7:05 da manhã.
    São 7 e 5 da manhã.
São 2:00 da tarde.
    São duas horas da tarde.
À 1:15
    À uma e quinze
à 1:00
    à uma hora
às 21:00
    às vinte e uma horas
às 22:30
    às vinte e duas e trinta
(18:45)
    (18 e 45)
às 18h45
    às 18 e 45
das 9h às 18h30
    das 9 horas às 18 e 30
9h-18h
    9 horas a 18 horas
de 8:00-17:30
    de 8 horas a 17 e 30
às 18:45 horas
    às 18 e 45 horas
O temporizador é de 1:30:00.
    O temporizador é de uma hora e trinta minutos.
Faltam 0:05:00.
    Faltam cinco minutos.
2:01:01
    duas horas, um minuto e um segundo
às 18:45:30
    às 18 horas, 45 minutos e 30 segundos
3 h 20 min
    três horas e vinte minutos
3h 20m e 5m 30s
    três horas e vinte minutos e cinco minutos e trinta segundos
"""
_RANGES = """
página 1/3
    página 1 de 3
A guerra de 1914-1918 e de 1939–1945.
    A guerra de 1914 a 1918 e de 1939 a 1945.
Leva 10-20 dias.
    Leva 10 a 20 dias.
10 – 20 °C
    10 a 20 graus Celsius
Ganharam de 3-2.
    Ganharam de 3 a 2.
de 3,5 %–4 %
    de 3,5 por cento a 4 por cento
págs. 12-15
    páginas 12 a 15
"""
_ORDINALS = """
Chegou em 1º, 2ª, 3º e 21º.
    Chegou em primeiro, segunda, terceiro e vigésimo primeiro.
O 3º andar, a 2ª vez, o 10º lugar
    O terceiro andar, a segunda vez, o décimo lugar
O 1.000º visitante
    O milésimo visitante
1.ª vez
    primeira vez
o 3o lugar, a 2a vez
    o terceiro lugar, a segunda vez
o 100º dia
    o centésimo dia
"""
_ROMANS = """
no século XXI, no século V, no séc. XIX
    no século vinte e um, no século quinto, no século dezenove
Luís XIV, D. João VI, D. Pedro II
    Luís catorze, dom João sexto, dom Pedro segundo
D. Maria II, Elizabeth II
    dona Maria segunda, Elizabeth segunda
Bento XVI, João Paulo II
    Bento dezesseis, João Paulo segundo
a II Guerra Mundial e a I Guerra Mundial
    a segunda Guerra Mundial e a primeira Guerra Mundial
a XX edição
    a vigésima edição
capítulo IV
    capítulo quatro
Rocky IV
    Rocky quatro
"""
_MONEY = """
R$ 5,99/mês
    5 Reais e 99 centavos por mês
2 vezes/dia
    duas vezes por dia
Custa R$ 5,99.
    Custa 5 Reais e 99 centavos.
R$ 1,50, R$ 0,30, R$ 0,01, R$ 5,00
    1 Real e 50 centavos, 30 centavos, 1 centavo, 5 Reais
R$5,99
    5 Reais e 99 centavos
US$ 5.99, $5.99, £3.50
    5 Dólares e 99 centavos, 5 Dólares e 99 centavos, três libras e cinquenta pence
€ 1.299,50 e 1.299,00 €
    1299 Euros e 50 centavos e 1299 Euros
-R$ 5,99 e R$ -0,50
    menos 5 Reais e 99 centavos e menos 50 centavos
5,99 reais
    5 Reais e 99 centavos
R$ 0,30/kWh ou R$ 0,2516/kWh
    30 centavos por quilowatt-hora ou 0,2516 Real por quilowatt-hora
R$ 3 mi, R$ 3 bi, R$ 5 mil, R$ 1 mi
    3 milhões de Reais, 3 bilhões de Reais, 5 mil Reais, 1 milhão de Reais
$3B e $5M
    3 bilhões de Dólares e 5 milhões de Dólares
5 milhões de €
    5 milhões de Euros
R$ 5 milhões
    5 milhões de Reais
R$ 1.299
    1299 Reais
"""
_NUMBERS = """
1.234.567 habitantes
    1234567 habitantes
1 234 567 habitantes
    1234567 habitantes
A chance é .5.
    A chance é 0,5.
-5 e −12,5
    menos 5 e menos 12,5
"""
_DIGITS = """
O telefone custa 300 reais.
A senha é 0042.
    A senha é zero zero quatro dois.
O código é 4521.
    O código é quatro cinco dois um.
CEP 01310-100
    CEP zero um três um zero, um zero zero
01310-100
    zero um três um zero, um zero zero
(11) 91234-5678
    um um, nove um dois três quatro, cinco seis sete oito
91234-5678
    nove um dois três quatro, cinco seis sete oito
11 3456-7890
    um um, três quatro cinco seis, sete oito nove zero
+55 11 91234-5678
    mais cinco cinco, um um, nove um dois três quatro, cinco seis sete oito
Ligue para o 190.
    Ligue para o um nove zero.
0800 123 4567
    zero oito zero zero, um dois três, quatro cinco seis sete
O voo G31234 está atrasado.
    O voo G três um dois três quatro está atrasado.
Ligue 190.
    Ligue um nove zero.
"""
_FRACTIONS = """
1/2 xícara de água
    meia xícara de água
1/2 litro de leite
    meio litro de leite
1/2 l de leite
    meio litro de leite
3/4 de xícara
    3 quartos de xícara
¾ colher de chá de sal
    3 quartos de colher de chá de sal
2/3 xícara de arroz
    2 terços de xícara de arroz
1 1/2 xícaras
    uma xícara e meia
2 ½ horas
    duas horas e meia
1½ kg
    1 quilograma e meio
a metade (1/2)
    a metade (um meio)
1/4 kg
    1 quarto de quilograma
5/8 e 3/10
    5 oitavos e 3 décimos
1/3 das pessoas
    1 terço das pessoas
"""
_SIGNS = """
Sal & pimenta, R&D.
    Sal e pimenta, R e D.
x² + 2x = 0
    x ao quadrado mais 2x igual a 0
√16 = 4 e 3 × 4 = 12
    raiz quadrada de 16 igual a 4 e 3 vezes 4 igual a 12
5 - 3 = 2
    5 menos 3 igual a 2
3 < 5 e 5 > 3
    3 menor que 5 e 5 maior que 3
~20 pessoas
    aproximadamente 20 pessoas
≥ 5 e ≤ 3
    maior ou igual a 5 e menor ou igual a 3
§ 5
    parágrafo 5
Você é o #5.
    Você é o número 5.
É 4x mais rápido.
    É 4 vezes mais rápido.
uma forma de 20x30 cm
    uma forma de 20 por 30 centímetros
O CO2 e o CO₂
    O C O dois e o C O dois
PM2.5 é 12 µg/m³
    PM 2,5 é 12 microgramas por metro cúbico
12 m² e 3 m³
    12 metros quadrados e 3 metros cúbicos
"""
_ABBREVIATIONS = """
cap. IV, vol. II
    capítulo quatro, volume dois
R. do Ouro, 10
    rua do Ouro, 10
nº5, pág.12
    número 5, página 12
O Sr. Silva e a Dra. Souza
    O senhor Silva e a doutora Souza
A Sra. Lima, o Prof. Gil, a Profa. Rosa
    A senhora Lima, o professor Gil, a professora Rosa
p. ex. maçãs
    por exemplo maçãs
Papel, tinta, etc.
    Papel, tinta, etcétera.
etc., e mais
    etcétera, e mais
pág. 12, nº 5, n.º 3, fig. 2, art. 4
    página 12, número 5, número 3, figura 2, artigo 4
Av. Paulista, 1000
    Avenida Paulista, 1000
R. Augusta, 5
    rua Augusta, 5
na R. Augusta
    na rua Augusta
Eduardo R. Silva
44 a.C. e 100 d.C.
    44 antes de Cristo e 100 depois de Cristo.
aprox. 20 pessoas
    aproximadamente 20 pessoas
nos EUA
    nos Estados Unidos
a IA e a IoT
    a I A e a I O T
5 min. e 10 seg.
    5 minutos e 10 segundos.
A Profª. Ana chegou.
    A professora Ana chegou.
art. 5º da lei
    artigo quinto da lei
"""
_AGREEMENT = """
Falta 1 hora.
    Falta uma hora.
Há 1 luz, 2 luzes, 22 pessoas e 200 toneladas.
    Há uma luz, duas luzes, vinte e duas pessoas e duzentas toneladas.
2 horas e 2 minutos
    duas horas e 2 minutos
1 °C, 2 °C e 2 km/h
    1 grau Celsius, 2 graus Celsius e 2 quilômetros por hora
1001 noites
    mil e uma noites
2 mil pessoas
"""
_HEARD = """
Faz -3 °C lá fora.
    Faz menos três graus Celsius lá fora.
O carro gastou 12,4 kWh.
    O carro gastou doze vírgula quatro quilowatts hora.
A bateria está em 85%.
    A bateria está em oitenta e cinco por cento.
A pressão é de 1013 hPa.
    A pressão é de mil e treze hectopascais.
A bomba move 3 m³/h.
    A bomba move três metros cúbicos por hora.
PM2.5 é 12 µg/m³.
    P M dois vírgula cinco é doze microgramas por metro cúbico.
Adicione 250ml de leite.
    Adicione duzentos e cinquenta mililitros de leite.
Use 1/2 xícara de água.
    Use meia xícara de água.
Adicione ¾ colher de chá de sal.
    Adicione três quartos de colher de chá de sal.
O trem parte às 2:30.
    O trem parte às duas e trinta.
O temporizador é de 1:30:00.
    O temporizador é de uma hora e trinta minutos.
A lavagem leva 3 h 20 min.
    A lavagem leva três horas e vinte minutos.
O 1º de maio é feriado.
    O primeiro de maio é feriado.
Ela chegou em 1º, 2º, 3º e 21º.
    Ela chegou em primeiro, segundo, terceiro e vigésimo primeiro.
Estamos no século XXI.
    Estamos no século vinte e um.
Luís XIV e D. João VI.
    Luís catorze e dom João sexto.
A II Guerra Mundial acabou.
    A segunda guerra mundial acabou.
Custa R$ 5,99.
    Custa cinco reais e noventa e nove centavos.
Custa R$ 1,50.
    Custa um real e cinquenta centavos.
Um café custa £3.50.
    Um café custa três libras e cinquenta {|pence}.
Vale R$ 3 bi.
    Vale três bilhões de reais.
Você é o nº 5.
    Você é o número cinco.
Leva 10-20 dias.
    Leva dez a vinte dias.
Ganharam 3-2.
    Ganharam três a dois.
As taxas subiram 3,5%–4%.
    As taxas subiram três vírgula cinco por cento a quatro por cento.
A senha é 0042.
    A senha é zero zero quatro dois.
O Sr. Silva e a Sra. Lima chegaram.
    O senhor Silva e a senhora Lima chegaram.
Coma frutas, p. ex. maçãs.
    Coma frutas, por exemplo maçãs.
Veja a fig. 3 na pág. 12.
    Veja a figura três na página doze.
Sal & pimenta, R&D.
    Sal e pimenta, R e D.
x² + 2x = 0
    x ao quadrado mais dois x igual a zero
√16 = 4 e 3 × 4 = 12
    raiz quadrada de dezesseis igual a quatro e três vezes quatro igual a doze
É 4x mais rápido.
    É quatro vezes mais rápido.
A chance é .5.
    A chance é zero vírgula cinco.
Há 1 luz, 2 luzes e 22 pessoas.
    Há uma luz, duas luzes e vinte e duas pessoas.
Faltam 2 horas e 2 minutos.
    Faltam duas horas e dois minutos.
"""
_ORDINARY = """
A luz da sala está acesa.
O mar está calmo.
Quem set e out são abreviaturas.
Há 3 lâmpadas e 12 tomadas.
Ele tem 20 anos e ela 35.
Plano B, vitamina C e grupo O.
A vitamina D3 ajuda.
A Covid-19 continua.
O Fiat 500 está parado.
O A380 voa.
Uma camiseta XL.
A letra V é de Vitória.
Malcolm X falou.
Windows XP é velho.
Pressione 1 para continuar.
Pressione 3 e depois 4.
Ele disse que não.
No mar e no céu.
A temperatura é de 22 graus.
O temporizador terminou.
Na terça e na quinta.
Ele veio em maio.
É em 3D.
Os 24 países.
O código é bom.
O Eduardo R. Silva chegou.
Se você seg o caminho.
Ela saiu com a ex.
O 747-400 decola.
Qua qua fez o pato.
A conta é clara.
Custa muito.
Ganhou por 3 pontos.
Sei que você vem.
Uma mesa e duas cadeiras.
Dois mais dois são quatro.
O sol nasce para todos.
Vou de ônibus até o centro.
Sete dias depois.
A senha é boa.
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_DATES))
def test_dates(written: str, spoken: str) -> None:
    """Dates are read with the full names of months and weekdays."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_TIMES))
def test_times(written: str, spoken: str) -> None:
    """Times of day and durations are read in words."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_RANGES))
def test_ranges(written: str, spoken: str) -> None:
    """A dash between numbers is read as a word."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ORDINALS))
def test_ordinals(written: str, spoken: str) -> None:
    """Ordinals agree with the noun in gender."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ROMANS))
def test_romans(written: str, spoken: str) -> None:
    """Roman numerals are read as numbers or ordinals."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_MONEY))
def test_money(written: str, spoken: str) -> None:
    """Prices are read with the names of the currency and its subunit."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_NUMBERS))
def test_numbers(written: str, spoken: str) -> None:
    """In numbers, the decimal sign is read, and thousands separators are removed."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_DIGITS))
def test_digits(written: str, spoken: str) -> None:
    """Codes and telephone numbers are read digit by digit or group by group."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_FRACTIONS))
def test_fractions(written: str, spoken: str) -> None:
    """Fractions are read in words, together with the following noun or unit."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_SIGNS))
def test_signs(written: str, spoken: str) -> None:
    """Signs between numbers and letters are read as words."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ABBREVIATIONS))
def test_abbreviations(written: str, spoken: str) -> None:
    """Abbreviations are expanded."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_AGREEMENT))
def test_agreement(written: str, spoken: str) -> None:
    """Numerals agree with the following noun in gender."""
    assert prepared(written, "pt") == spoken


@pytest.mark.parametrize(("written", "words"), pairs(_HEARD))
def test_prepared_text_sounds_like_words(written: str, words: str) -> None:
    """espeak-ng pronounces the prepared text like the expected words."""
    assert is_spoken_as(written, words, "pt")


@pytest.mark.parametrize("text", lines(_ORDINARY))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """Text that only resembles a date, an abbreviation or a numeral is not changed."""
    assert prepared(text, "pt") == text


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_spaces_of_all_kinds_are_read_alike(space: str) -> None:
    """No-break, narrow no-break and thin spaces are treated like plain spaces."""
    for written, spoken in pairs(_MONEY + _FRACTIONS + _TIMES):
        assert prepared(written.replace(" ", space), "pt").replace(space, " ") == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("pt_PT", "Custa 5,99 € ou 0,30 €.", "Custa 5 euros e 99 cêntimos ou 30 cêntimos."),
        ("pt_PT", "R$ 5,99", "5 reais e 99 centavos"),
        ("pt_PT", "1 de maio", "1 de maio"),
        ("pt_BR", "1 de maio", "primeiro de maio"),
        ("pt_PT", "216 libras", "duzentas e dezasseis libras"),
        ("pt_BR", "216 libras", "duzentas e dezesseis libras"),
        ("pt_PT", "Ligue para 912 345 678.", "Ligue para nove um dois, três quatro cinco, seis sete oito."),
        ("pt_PT", "$3B", "3 mil milhões de dólares"),
    ],
)
def test_regions_differ(language: str, written: str, spoken: str) -> None:
    """Numerals, currency subunits and the first day of a month depend on the country."""
    assert prepared(written, language) == spoken
