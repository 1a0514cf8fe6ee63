"""Russian text is spoken as a person would say it."""

import pytest

from tests.text.preparation.tables import lines, pairs
from tests.text.spoken import is_spoken_as, prepared

_RANGES = """
Это займёт 10-20 дней.
    Это займёт от десяти до двадцати дней.
через 10-20 минут
    через десять до двадцати минут
3-4 дня
    три, четыре дня
10–20 °C
    от десяти до двадцати градусов Цельсия
3,5%–4%
    три целых и пять десятых процента до четырёх процентов
2-3 мин
    две, три минуты
за 5-10 мин.
    за пять до десяти минут.
10-3=7
    10 минус 3 равно 7
10 - 3 = 7
    10 минус 3 равно 7
страницы 12–15
    страницы с двенадцатой по пятнадцатую
стр. 12-15
    страницы с двенадцатой по пятнадцатую
см. на с. 5–7
    смотри на страницах с пятой по седьмую
Гл. 2-3, стр. 100-103
    Главы со второй по третью, страницы с сотой по сто третью
"""
_MONEY = """
Это стоит 5,99 руб.
    Это стоит пять рублей девяносто девять копеек.
5,99 ₽
    пять рублей девяносто девять копеек
1,01 руб.
    один рубль одна копейка.
22,02 ₽
    двадцать два рубля две копейки
0,50 ₽
    пятьдесят копеек
-5,99 ₽
    минус пять рублей девяносто девять копеек
1 234,50 руб.
    тысяча двести тридцать четыре рубля пятьдесят копеек.
2,02 € и $3.50
    два евро два цента и три доллара пятьдесят центов
150 руб.
    150 рублей.
21 руб.
    21 рубль.
2 тыс. руб.
    две тысячи рублей.
21 тыс. ₽, 1 млн ₽
    двадцать одна тысяча рублей, 1 миллион рублей
5 млн руб.
    5 миллионов рублей.
1,5 млрд руб.
    одна целая и пять десятых миллиарда рублей.
5 коп.
    пять копеек.
5,50 ₽/кВт⋅ч
    пять рублей пятьдесят копеек за киловатт-час
3 млн чел. живут
    3 миллиона человек живут
5 ₽/мес.
    5 рублей в месяц.
"""
_DIGITS = """
PIN-код 0042.
    PIN-код ноль ноль четыре два.
Ваш код 4711.
    Ваш код четыре семь один один.
8 (800) 555-35-35
    восемь восемь ноль ноль пять пять пять три пять три пять
8-800-555-35-35
    восемь восемь ноль ноль пять пять пять три пять три пять
+7 495 123-45-67
    плюс семь четыре девять пять один два три четыре пять шесть семь
Позвоните 112.
    Позвоните один один два.
Индекс 101000
    Индекс один ноль один ноль ноль ноль
Рейс SU1234 задержан.
    Рейс S U один два три четыре задержан.
"""
_FRACTIONS = """
2,1 кг, 0,25 л
    две целых и одна десятая килограмма, ноль целых и двадцать пять сотых литра
на 1,5 °C, через 2,5 часа
    на одну целую и пять десятых градуса Цельсия, через две целых и пять десятых часа
от 1,5 до 2,5 %
    от одной целой и пяти десятых до двух целых и пяти десятых процента
5,125 км
    пять целых и сто двадцать пять тысячных километра
-0.1 °C
    минус ноль целых и одна десятая градуса Цельсия
число 3,14159
    число три запятая один четыре один пять девять
1/2 стакана сахара
    половина стакана сахара
Добавьте 1/2 л молока.
    Добавьте половину литра молока.
3/4 литра
    три четверти литра
¼ ложки соли
    четверть ложки соли
1½ часа
    полтора часа
1½ минуты
    полторы минуты
2½ часа
    два с половиной часа
2/3 людей
    две трети людей
5/8
    пять восьмых
страница 2/3
    страница два из трёх
¾ ч. л. соли
    три четверти чайной ложки соли
5 ст. л. сахара
    пять столовых ложек сахара
"""
_SIGNS = """
x² + 2x = 0
    x в квадрате плюс 2x равно 0
√16 = 4
    корень из шестнадцати равно 4
3 × 4 = 12
    3 умножить на 4 равно 12
9x13
    9 умножить на 13
4x быстрее
    в четыре раза быстрее
3 < 5
    3 меньше пяти
~20 минут
    около двадцати минут
Соль & перец
    Соль и перец
PM2.5 высокий.
    PM 2.5 высокий.
№5
    номер 5
10 > 5
    10 больше пяти
3 х 4 = 12
    3 умножить на 4 равно 12
"""
_ABBREVIATIONS = """
Возьмите яблоки и т.д.
    Возьмите яблоки и так далее.
яблоки и т. п.
    яблоки и тому подобное.
т.е. завтра
    то есть завтра
т. к. поздно
    так как поздно
и др.
    и другие.
г. Москва
    город Москва
в г. Москве
    в городе Москве
Приехал А. С. Пушкин и М. Горький
    Приехал А. С. Пушкин и М. Горький
в с. Петровка
    в селе Петровка
ул. Ленина, д. 5, кв. 12
    улица Ленина, дом 5, квартира 12
на ул. Ленина
    на улице Ленина
им. Пушкина
    имени Пушкина
проф. Иванов
    профессор Иванов
стр. 12
    страница 12
на стр. 12
    на странице 12
см. рис. 3
    смотри рисунок 3
44 г. до н. э.
    сорок четвёртого года до нашей эры.
5 мин.
    5 минут.
21 сек.
    двадцать одна секунда.
2 шт.
    две штуки.
100 чел.
    сто человек.
напр. яблоки
    например яблоки
св. Николай
    святой Николай
"""
_COUNTS = """
2 минуты
    две минуты
22 секунды
    двадцать две секунды
12 минут
1 минута
    одна минута
на 21 минуту
    на двадцать одну минуту
1 окно
    одно окно
2 окна
2-3 минуты
    две, три минуты
2 мин
    две минуты
21 с
    двадцать одна секунда
через 1 мин, за 21 мин, на 1 с
    через одну минуту, за двадцать одну минуту, на одну секунду
Мощность 1250 Вт, 230 В.
    Мощность 1250 ватт, 230 вольт.
"""
_HEARD = """
22,02 ₽
    двадцать два рубля две копейки
Осталось 2:02:01.
    Осталось два часа две минуты одна секунда.
Счёт 3:2
    Счёт три два
1-й раз
    первый раз
"""
_ORDINARY = """
У меня 5 котов.
План Б лучше.
Витамин C полезен.
Ковид-19 ещё здесь.
Windows XP был хорош.
ЦРУ и ФБР.
Температура 21 градус.
Свет в гостиной включён.
В восемь утра.
Это код.
Размер M подходит.
Включи все лампы.
Боинг 747-400 летит.
Мне 12 лет.
Номер один.
Он и она.
Дом стоит у реки.
Ст на месте.
Кто там?
Стол и стул.
С утра идёт дождь.
Я помог им.
Всё ок.
Это мой друг Макс.
Это его род.
Он нем.
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_RANGES))
def test_ranges(written: str, spoken: str) -> None:
    """A dash between numbers is read as a word."""
    assert prepared(written, "ru") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_MONEY))
def test_money(written: str, spoken: str) -> None:
    """Prices are read with the names of the currency and its subunit."""
    assert prepared(written, "ru") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_DIGITS))
def test_digits(written: str, spoken: str) -> None:
    """Codes and telephone numbers are read digit by digit."""
    assert prepared(written, "ru") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_FRACTIONS))
def test_fractions(written: str, spoken: str) -> None:
    """Fractions are read in words that agree with the noun."""
    assert prepared(written, "ru") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_SIGNS))
def test_signs(written: str, spoken: str) -> None:
    """Signs between numbers and letters are read as words."""
    assert prepared(written, "ru") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ABBREVIATIONS))
def test_abbreviations(written: str, spoken: str) -> None:
    """Abbreviations are expanded."""
    assert prepared(written, "ru") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_COUNTS))
def test_counts(written: str, spoken: str) -> None:
    """The numerals 1 and 2 agree with the noun."""
    assert prepared(written, "ru") == spoken


@pytest.mark.parametrize(("written", "words"), pairs(_HEARD))
def test_digits_that_remain_sound_like_words(written: str, words: str) -> None:
    """espeak-ng pronounces the prepared text like the expected words."""
    assert is_spoken_as(written, words, "ru")


@pytest.mark.parametrize("text", lines(_ORDINARY))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """Text that only resembles a date, an abbreviation or a numeral is not changed."""
    assert prepared(text, "ru") == text


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009"])
def test_spaces_of_all_kinds_are_read_alike(space: str) -> None:
    """No-break, narrow no-break and thin spaces are treated like plain spaces."""
    for written, spoken in pairs(_MONEY + _FRACTIONS):
        assert prepared(written.replace(" ", space), "ru").replace(space, " ") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("до 5 км", "до пяти километров"),
        ("3 из 5 ламп", "3 из пяти ламп"),
        ("вместо 3", "вместо трёх"),
        ("около 21 минуты", "около двадцати одной минуты"),
        ("до 3 км/ч", "до трёх километров в час"),
        ("до 1 км", "до одного километра"),
        ("более 150 руб.", "более ста пятидесяти рублей."),
        ("до 2024", "до 2024"),
        ("от -5 до -3 °C", "от минус пяти до минус трёх градусов Цельсия"),
        ("от -3.5 °C", "от минус трёх целых и пяти десятых градуса Цельсия"),
        ("ниже -5 или выше 25 °C", "ниже минус пяти или выше двадцати пяти градусов Цельсия"),
    ],
)
def test_number_behind_a_preposition_is_in_the_genitive(written: str, spoken: str) -> None:
    """After a preposition, a number and the name of its unit are in the case that the preposition requires. Years have
    their own rules.
    """
    assert prepared(written, "ru") == spoken
