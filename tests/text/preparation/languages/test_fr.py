"""French text is spoken as a person would say it."""

import pytest

from tests.text.preparation.tables import lines, pairs
from tests.text.spoken import is_spoken_as, prepared

_DATES = """
lun 6 janv
    lundi 6 janvier
jeudi 3 oct
    jeudi 3 octobre
Nous sommes le 3/10/2024.
    Nous sommes le 3 octobre 2024.
Nous sommes le 01/10/2024.
    Nous sommes le premier octobre 2024.
le 03.10.2024 ou le 3-10-24
    le 3 octobre 2024 ou le 3 octobre 2024
le 31/12/99
    le 31 décembre 1999
Le 2024-10-01 et le 2024-03-05T10:30:00.
    Le premier octobre 2024 et le 5 mars 2024, 10 heures 30.
Mis à jour : 2024-10-03 18:45:12
    Mis à jour : 3 octobre 2024, 18 heures 45 et 12 secondes
2024-10-03T18:45:00+02:00
    3 octobre 2024, 18 heures 45
Le lun. 6 janv.
    Le lundi 6 janvier.
Le ven. 3 oct. 2024, à midi.
    Le vendredi 3 octobre 2024, à midi.
mar 7 janv. 2025
    mardi 7 janvier 2025
Le 3 sept 2024
    Le 3 septembre 2024
sept. 2024
    septembre 2024
Le 3/10 au soir.
    Le 3 octobre au soir.
au 15/3
    au 15 mars
Le 1er mai est férié.
    Le premier mai est férié.
Le 1 mai aussi.
    Le premier mai aussi.
(1er janvier 2024)
    (premier janvier 2024)
du 1er au 3 mai
    du premier au 3 mai
Nous sommes jeudi 3 octobre 2024.
Du lun. au ven., ouvert lun-sam.
    Du lundi au vendredi, ouvert lundi à samedi.
le 1er janv., 1er févr. 2026
    le premier janvier, premier février 2026
"""
_TIMES = """
Il est 8 h.
    Il est 8 heures.
Il est 07:05.
    Il est 7 heures 5.
(18:45)
    (18 heures 45)
à 7h05, à 18h45, à 18 h 45
    à 7 heures 5, à 18 heures 45, à 18 heures 45
de 9h à 18h30
    de 9 heures à 18 heures 30
Ouvert 9h-18h et 9h30–18h00.
    Ouvert 9 heures à 18 heures et 9 heures 30 à 18 heures.
Il est 1:00.
    Il est une heure.
Il est 21h.
    Il est vingt et une heures.
Il est 0h30.
    Il est 0 heure 30.
Il est 21:01.
    Il est vingt et une heures une.
Il est 12:00:30.
    Il est 12 heures et 30 secondes.
à 18:45:30
    à 18 heures 45 et 30 secondes
Le minuteur est réglé sur 1:30:00.
    Le minuteur est réglé sur une heure trente minutes.
Encore 0:05:00.
    Encore cinq minutes.
Encore 2:01:01.
    Encore deux heures une minute une seconde.
3 h 20 min
    trois heures vingt minutes
3h 20m et 5m 30s
    trois heures vingt minutes et cinq minutes trente secondes
Il reste 1h et 1min.
    Il reste une heure et une minute.
de 8:00-17:30
    de 8 heures à 17 heures 30
"""
_RANGES = """
page 1/3
    page 1 sur 3
La guerre de 1914-1918 et de 1939–1945.
    La guerre de 1914 à 1918 et de 1939 à 1945.
Cela prend 10-20 jours.
    Cela prend 10 à 20 jours.
10 – 20 °C
    10 à 20 degrés Celsius
Ils ont gagné 3-2.
    Ils ont gagné 3 à 2.
de 3,5 %–4 %
    de 3,5 pour cent à 4 pour cent
entre 5-6 €
    entre 5 à 6 euros
pages 12-15
    pages 12 à 15
"""
_ORDINALS = """
Elle est arrivée 1re, 2e, 3e et 21e.
    Elle est arrivée première, deuxième, troisième et vingt et unième.
la 1ère fois, le 2ème étage, le 2nd tour, la 2nde, les 1ers
    la première fois, le deuxième étage, le second tour, la seconde, les premiers
le 100e anniversaire, la 80e place
    le centième anniversaire, la quatre-vingtième place
le 1ᵉʳ, la 2ᵉ, le XXᵉ siècle
    le premier, la deuxième, le vingtième siècle
Paris 13e
    Paris treizième
le XIXe siècle, le Ier siècle, la Ve République
    le dix-neuvième siècle, le premier siècle, la cinquième République
"""
_ROMANS = """
Louis XIV et François Ier
    Louis quatorze et François premier
Napoléon III, Élisabeth II et Jean-Paul II
    Napoléon trois, Élisabeth deux et Jean-Paul deux
Charles X, Philippe VI.
    Charles dix, Philippe six.
le chapitre IV, tome II, acte V
    le chapitre quatre, tome deux, acte cinq
Vatican II
    Vatican deux
la IIe Guerre mondiale
    la deuxième Guerre mondiale
Rocky IV
    Rocky quatre
"""
_MONEY = """
5,99 €/mois et 30 €/an
    5 euros 99 par mois et 30 euros par an
2 fois/jour
    2 fois par jour
Ça coûte 5,99 €.
    Ça coûte 5 euros 99.
1,50 €, 0,30 €, 0,01 €, 5,00 €
    un euro 50, 30 centimes, 1 centime, 5 euros
$5.99, £3.50, US$ 5.99
    5 dollars 99, 3 livres 50, 5 dollars 99
1 299,50 €
    1299 euros 50
12,50 CHF
    12 francs 50
-5,99 € et −0,50 €
    moins 5 euros 99 et moins 50 centimes
5,99 euros
    5 euros 99
0,30 €/kWh ou 0,2516 €/kWh
    30 centimes par kilowatt-heure ou 0,2516 euro par kilowatt-heure
3 M€, 2,5 Md€, 10 k€, 1 M€
    3 millions d'euros, 2,5 milliards d'euros, 10 mille euros, 1 million d'euros
$3B et $5M
    3 milliards de dollars et 5 millions de dollars
5 millions d'€
    5 millions d'euros
21 €, 1 €
    vingt et un euros, un euro
5€99, 12€50 la place
    5 euros 99, 12 euros 50 la place
12,5 ct/kWh, 20 cts
    12,5 centimes par kilowatt-heure, 20 centimes
"""
_NUMBERS = """
1 234 567 habitants
    1234567 habitants
12 345,67
    12345,67
La chance est de .5.
    La chance est de 0,5.
-5 et −12,5
    moins 5 et moins 12,5
"""
_DIGITS = """
Le PIN est 0042.
    Le PIN est zéro zéro quatre deux.
Le code est 4521.
    Le code est quatre cinq deux un.
code postal 75001
au 06 12 34 56 78
au 0612345678
    au 06 12 34 56 78
au 06.12.34.56.78
    au 06 12 34 56 78
au 06-12-34-56-78
    au 06 12 34 56 78
Le vol AF1234 est en retard.
    Le vol A F un deux trois quatre est en retard.
le 15, le 112
"""
_FRACTIONS = """
15/20
    15 sur 20
1/2 tasse d'eau
    une demi-tasse d'eau
1/2 litre de lait
    un demi-litre de lait
1/2 l de lait
    un demi-litre de lait
3/4 de tasse
    3 quarts de tasse
¾ c. à c. de sel
    3 quarts de cuillère à café de sel
2/3 tasse de riz
    2 tiers de tasse de riz
1 1/2 heure
    une heure et demie
2 ½ tasses
    2 tasses et demie
1½ kg
    1 kilogramme et demi
la moitié (1/2)
    la moitié (un demi)
1/4 des gens
    1 quart des gens
5/8 et 3/10
    5 huitièmes et 3 dixièmes
les 3/4 de la population
    les 3 quarts de la population
1/3 d'oignon
    1 tiers d'oignon
"""
_SIGNS = """
4x4
    quatre quatre
100 m x 50 m
    100 mètres sur 50 mètres
7j/7, 24h/24
    7 jours sur 7, 24 heures sur 24
Il mesure 1m80.
    Il mesure 1 mètre 80.
Sel & poivre, R&D.
    Sel et poivre, R et D.
x² + 2x = 0
    x au carré plus 2x égale 0
√16 = 4 et 3 × 4 = 12
    racine carrée de 16 égale 4 et 3 fois 4 égale 12
5 - 3 = 2
    5 moins 3 égale 2
3 < 5 et 5 > 3
    3 inférieur à 5 et 5 supérieur à 3
~20 personnes
    environ 20 personnes
≥ 5 et ≤ 3
    supérieur ou égal à 5 et inférieur ou égal à 3
§ 5 et §§ 6
    paragraphe 5 et paragraphes 6
Vous êtes #5.
    Vous êtes numéro 5.
C'est 4x plus rapide.
    C'est 4 fois plus rapide.
un moule de 20x30 cm
    un moule de 20 sur 30 centimètres
20 x 30 x 5 cm
    20 sur 30 sur 5 centimètres
Le CO2 et le CO₂
    Le C O deux et le C O deux
12 m² et 3 m³
    12 mètres carrés et 3 mètres cubes
2x ≥ 5, 3x − 2, 4x plus rapide
    2x supérieur ou égal à 5, 3x moins 2, 4 fois plus rapide
3 x 2 = 6, 3 x par jour
    3 fois 2 égale 6, 3 fois par jour
CO2 650ppm
    C O deux 650 parties par million
"""
_ABBREVIATIONS = """
chap. IV, vol. II
    chapitre quatre, volume deux
n°5, p.12
    numéro 5, page 12
M. Dupont et Mme Martin
    monsieur Dupont et madame Martin
Bonjour M. et Mme Petit.
    Bonjour monsieur et madame Petit.
le Dr Roy, Mlle Roy, MM. Roy, Me Roy
    le docteur Roy, mademoiselle Roy, messieurs Roy, maître Roy
p. ex. ici, c.-à-d. là, c'est-à-dire
    par exemple ici, c'est-à-dire là, c'est-à-dire
Du pain, du vin, etc.
    Du pain, du vin, et cetera.
etc., et plus
    et cetera, et plus
p. 12, n° 5, fig. 3, chap. 2, art. 4, vol. 1
    page 12, numéro 5, figure 3, chapitre 2, article 4, volume 1
12 av. de la République, 5 bd Voltaire, pl. de l'Étoile
    12 avenue de la République, 5 boulevard Voltaire, place de l'Étoile
env. 20 pers.
    environ 20 personnes.
2 c. à s. d'huile, 1 c. à c. de sel
    2 cuillères à soupe d'huile, une cuillère à café de sel
50 av. J.-C.
    50 avant Jésus-Christ.
au XIXe s.
    au dix-neuvième siècle.
l'IA et l'IoT
    l'I A et l'I O T
5 h. et 10 min.
    5 heures et 10 minutes.
réf. 12
    référence 12
RDV à 8 h, svp
    rendez-vous à 8 heures, s'il vous plaît
St. Denis, bd. Victor Hugo
    saint Denis, boulevard Victor Hugo
"""
_AGREEMENT = """
1 euro, 21 euros, 1 dollar, 11 euros
    un euro, vingt et un euros, 1 dollar, 11 euros
Le minuteur de 1:30:00 est fini.
    Le minuteur d'une heure trente minutes est fini.
un minuteur de 1 heure
    un minuteur d'une heure
Il reste 1 heure.
    Il reste une heure.
Il y a 1 lampe et 21 lumières.
    Il y a une lampe et vingt et une lumières.
51 minutes et 71 secondes
    cinquante et une minutes et 71 secondes
1 minuteur et 21 degrés
1 tonne
    une tonne
2001 personnes
    deux mille une personnes
"""
_HEARD = """
Il fait -3 °C dehors.
    Il fait moins trois degrés Celsius dehors.
La température est de 1 °C.
    La température est de un degré Celsius.
Le thermostat est réglé sur 72 °F.
    Le thermostat est réglé sur soixante-douze degrés Fahrenheit.
La voiture a consommé 12,4 kWh.
    La voiture a consommé douze virgule quatre {kilowattheures|kilowatt-heures|kilowatts heure}.
La pression est de 1013 hPa.
    La pression est de mille treize hectopascals.
La pompe débite 3 m³/h.
    La pompe débite trois mètres cubes par heure.
PM2.5 est à 12 µg/m³.
    P M deux point cinq est à douze microgrammes par mètre cube.
Ajoutez 250ml de lait.
    Ajoutez deux cent cinquante millilitres de lait.
Ajoutez 500 g de farine et 2 c. à s. de sucre.
    Ajoutez cinq cents grammes de farine et deux cuillères à soupe de sucre.
La maison fait 1 200 m².
    La maison fait mille deux cents mètres carrés.
Utilisez 1/2 tasse d'eau.
    Utilisez une demi-tasse d'eau.
Ajoutez ¾ c. à c. de sel.
    Ajoutez trois quarts de cuillère à café de sel.
Il est 7:05.
    Il est sept heures cinq.
Il est 00:15.
    Il est zéro heure quinze.
Le train part à 18h45.
    Le train part à dix-huit heures quarante-cinq.
Le train part à 21h.
    Le train part à vingt et une heures.
Le minuteur est réglé sur 1:30:00.
    Le minuteur est réglé sur une heure {|et }trente minutes.
Le lavage dure 3 h 20 min.
    Le lavage dure trois heures vingt minutes.
Nous sommes le 2024-03-05.
    Nous sommes le cinq mars deux mille vingt-quatre.
Nous sommes le 1/10/2024.
    Nous sommes le premier octobre deux mille vingt-quatre.
Les poubelles passent le lun. 6 janv.
    Les poubelles passent le lundi six janvier.
La guerre de 1914–1918 est finie.
    La guerre de mille neuf cent quatorze à mille neuf cent dix-huit est finie.
Elle est arrivée 1re, 2e, 3e et 21e.
    Elle est arrivée première, deuxième, troisième et vingt et unième.
C'était au XIXe siècle.
    C'était au dix-neuvième siècle.
Louis XIV est mort.
    Louis quatorze est mort.
François Ier est mort.
    François premier est mort.
Un café coûte 3,50 £.
    Un café coûte trois livres cinquante.
L'électricité coûte 0,30 €/kWh.
    L'électricité coûte trente centimes par {kilowattheure|kilowatt-heure}.
Cela vaut 3 Md€.
    Cela vaut trois milliards d'euros.
Vous êtes n° 5.
    Vous êtes numéro cinq.
Cela prend 10-20 jours.
    Cela prend dix à vingt jours.
Ils ont gagné 3-2.
    Ils ont gagné trois à deux.
Les taux montent de 3,5 %–4 %.
    Les taux montent de trois virgule cinq pour cent à quatre pour cent.
Appelez le 06 12 34 56 78.
    Appelez le zéro six douze trente-quatre cinquante-six soixante-dix-huit.
M. Dupont et Mme Martin sont là.
    Monsieur Dupont et madame Martin sont là.
Mangez des fruits, p. ex. des pommes.
    Mangez des fruits, par exemple des pommes.
Voir la fig. 3 à la p. 12.
    Voir la figure trois à la page douze.
Sel & poivre, R&D.
    Sel et poivre, R et D.
x² + 2x = 0
    x au carré plus deux x égale zéro
√16 = 4 et 3 × 4 = 12
    racine carrée de seize égale quatre et trois fois quatre égale douze
C'est 4x plus rapide.
    C'est quatre fois plus rapide.
Beurrez un moule de 20x30 cm.
    Beurrez un moule de vingt {sur|par} trente centimètres.
La chance est de .5.
    La chance est de zéro virgule cinq.
Il reste 1 minute et 21 secondes.
    Il reste une minute et vingt et une secondes.
Le niveau de CO2 est de 800 ppm.
    Le niveau de C O deux est de huit cents parties par million.
"""
_ORDINARY = """
La lumière du salon est allumée.
Me voici, dit-il.
Elle me parle de son ex.
C'est de l'art.
C'est un vol.
Il a pris le vol de midi.
La mer est calme et le mar de café est froid.
Max. est parti avec Pl. et Ch.
Je mange une part de tarte.
Les enfants sont dans la pièce.
Il y a 3 lampes et 12 prises.
Il a 20 ans et elle en a 35.
Nous sommes mille.
Plan B, vitamine C et groupe O.
La vitamine D3 aide.
Le Covid-19 est là.
La Peugeot 308 est garée.
L'A380 vole.
Il porte un t-shirt XL.
Le X est une croix.
Windows XP est vieux.
Le CV de Paul est bon.
Appuyez sur 1 pour continuer.
Tapez 2 puis 3.
Il est sorti à 3 contre 1.
Le 747-400 décolle.
Elle a gagné et perdu.
Nos amis et nos voisins.
Il a dit non.
Les 24 heures du Mans.
Le code est bon.
La température est de 21 degrés.
Le minuteur de cuisine est terminé.
Le mardi et le jeudi.
Il est venu en mai.
C'est la 3D.
Le cc de la moto est grand.
Un mot de passe est nécessaire.
Ça va ? Oui !
Il pleut des cordes aujourd'hui.
Mes amis de l'IUT et du CNRS.
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_DATES))
def test_dates(written: str, spoken: str) -> None:
    """Dates are read with the full names of months and weekdays."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_TIMES))
def test_times(written: str, spoken: str) -> None:
    """Times of day and durations are read in words."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_RANGES))
def test_ranges(written: str, spoken: str) -> None:
    """A dash between numbers is read as a word."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ORDINALS))
def test_ordinals(written: str, spoken: str) -> None:
    """Ordinals agree with the noun in gender."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ROMANS))
def test_romans(written: str, spoken: str) -> None:
    """Roman numerals are read as numbers or ordinals."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_MONEY))
def test_money(written: str, spoken: str) -> None:
    """Prices are read with the names of the currency and its subunit."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_NUMBERS))
def test_numbers(written: str, spoken: str) -> None:
    """In numbers, the decimal sign is read, and thousands separators are removed."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_DIGITS))
def test_digits(written: str, spoken: str) -> None:
    """Codes and telephone numbers are read digit by digit or group by group."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_FRACTIONS))
def test_fractions(written: str, spoken: str) -> None:
    """Fractions are read in words, together with the following noun or unit."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_SIGNS))
def test_signs(written: str, spoken: str) -> None:
    """Signs between numbers and letters are read as words."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ABBREVIATIONS))
def test_abbreviations(written: str, spoken: str) -> None:
    """Abbreviations are expanded."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_AGREEMENT))
def test_agreement(written: str, spoken: str) -> None:
    """Numerals agree with the following noun in gender."""
    assert prepared(written, "fr") == spoken


@pytest.mark.parametrize(("written", "words"), pairs(_HEARD))
def test_prepared_text_sounds_like_words(written: str, words: str) -> None:
    """espeak-ng pronounces the prepared text like the expected words."""
    assert is_spoken_as(written, words, "fr")


@pytest.mark.parametrize("text", lines(_ORDINARY))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """Text that only resembles a date, an abbreviation or a numeral is not changed."""
    assert prepared(text, "fr") == text


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_spaces_of_all_kinds_are_read_alike(space: str) -> None:
    """No-break, narrow no-break and thin spaces are treated like plain spaces."""
    for written, spoken in pairs(_MONEY + _FRACTIONS + _TIMES):
        assert prepared(written.replace(" ", space), "fr").replace(space, " ") == spoken
