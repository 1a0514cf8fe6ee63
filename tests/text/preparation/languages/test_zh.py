"""Chinese text is spoken as a person would say it."""

import pytest

from tests.text.preparation.tables import lines, pairs
from tests.text.spoken import is_spoken_as, prepared

_DATES = """
今天是2024年10月3日。
    今天是二零二四年十月三日。
今天是2024-10-03。
    今天是二零二四年十月三日。
今天是2024/10/3。
    今天是二零二四年十月三日。
更新于2024-10-03 18:45:00
    更新于二零二四年十月三日十八点四十五分
10月3日
    十月三日
1月1号
    一月一号
1999年
    一九九九年
1914–1918年的战争
    一九一四到一九一八年的战争
2023-2024学年
    二零二三到二零二四学年
1990年代
    一九九零年代
20世纪90年代
    二十世纪九十年代
公元前221年
    公元前二百二十一年
3年前
    三年前
2000年前
    两千年前
1-3月
    一到三月
生于1949年10月1日，卒于2000年。
    生于一九四九年十月一日，卒于二零零零年。
7月1日-3日
    七月一日到三日
98年
    九八年
80年
    八十年
"""
_TIMES = """
现在是18:45。
    现在是十八点四十五分。
现在是3:05。
    现在是三点零五分。
会议在2:30开始。
    会议在两点三十分开始。
7:00起床
    七点起床
9:00-17:30
    九点到十七点三十分
下午3点
    下午三点
3点05分
    三点零五分
晚上9点00分
    晚上九点整
12点00分开始
    十二点整开始
2点半
    两点半
8点30分
    八点三十分
计时器设置为1:30:00。
    计时器设置为一小时三十分钟。
还剩0:05:00。
    还剩五分钟。
时间是18:45:00
    时间是十八点四十五分
3小时20分
    三小时二十分
"""
_RANGES = """
10-20天
    十到二十天
10~20分钟
    十到二十分钟
3～5个
    三到五个
10%-20%
    百分之十到百分之二十
3.5%–4%
    百分之三点五到百分之四
10-20%
    百分之十到百分之二十
5元-10元
    五元到十元
10-3=7
    十减三等于七
比分是3-2。
    比分是三比二。
10-20
    十到二十
-5~-3°C，-5℃~3℃，气温-5～3°C
    零下五到零下三摄氏度，零下五摄氏度到三摄氏度，气温零下五到三摄氏度
"""
_ORDINALS = """
第3名
    第三名
第21届
    第二十一届
第100页
    第一百页
"""
_ROMAN = """
路易XIV
    路易十四
第II章
    第二章
"""
_MONEY = """
余额¥-20.50。
    余额负二十点五元。
¥-1,234.56元
    负一千二百三十四点五六元
价格是¥5.99。
    价格是五点九九元。
¥5.00
    五元
￥1,299
    一千二百九十九元
5.99元
    五点九九元
2元
    两元
$3.50
    三点五美元
€5.99
    五点九九欧元
3.5亿元
    三点五亿元
100万元
    一百万元
-¥5.99
    负五点九九元
¥0.50/kWh
    每千瓦时零点五元
5,99 €
    五点九九欧元
5元/月，20元/次
    每月五元，每次二十元
"""
_DIGITS = """
请拨打10086。
    请拨打幺零零八六。
拨打110报警
    拨打幺幺零报警
电话：010-12345678
    电话：零幺零，幺二三四五六七八
致电400-800-8888
    致电四零零，八零零，八八八八
13800138000
    幺三八零零幺三八零零零
密码是1234
    密码是一二三四
验证码0042
    验证码零零四二
101房间
    一零一房间
CA1234航班
    C A 一二三四航班
邮编100080
    邮编一零零零八零
+86 10 12345678
    加八六，幺零，幺二三四五六七八
请拨打110或112。
    请拨打幺幺零或幺幺二。
"""
_FRACTIONS = """
1/2杯水
    二分之一杯水
¾勺盐
    四分之三勺盐
1½小时
    一又二分之一小时
2/3的人
    三分之二的人
"""
_NUMBERS = """
1,234,567人
    一百二十三万四千五百六十七人
1234567人
    一百二十三万四千五百六十七人
12345
    一万二千三百四十五
3.14159
    三点一四一五九
0.5
    零点五
-5
    负五
10000000
    一千万
100000001
    一亿零一
2个灯
    两个灯
12个
    十二个
22个
    二十二个
2小时
    两小时
2万
    两万
2千克
    两千克
2杯
    两杯
第2个
    第二个
房间里有3盏灯
    房间里有三盏灯
"""
_UNITS = """
客厅温度是21.5°C。
    客厅温度是二十一点五摄氏度。
风速是30km/h。
    风速是三十公里每小时。
湿度是45%。
    湿度是百分之四十五。
-5度
    零下五度
−3℃
    零下三摄氏度
零下-10.5°C
    零下十点五摄氏度
PM2.5是12
    PM二点五是十二
100%
    百分之百
-5%
    负百分之五
3‰
    千分之三
"""
_SIGNS = """
x² + 2x = 0
    x的平方 加 2x 等于 零
√16 = 4
    根号十六 等于 四
3 × 4 = 12
    三乘以四 等于 十二
10 - 3 = 7
    十减三 等于 七
8 ÷ 2 = 4
    八 除以 二 等于 四
盐&胡椒
    盐和胡椒
3 < 5
    三 小于 五
约~20分钟
    约二十分钟
#5
    五号
4x快
    四倍快
比分3:2
    比分三比二
16:9
    十六比九
1:100
    一比一百
±2°C，±5%
    正负二摄氏度，正负百分之五
"""
_HEARD = """
价格是¥5.99。
    价格是五点九九元。
1234567人
    一百二十三万四千五百六十七人
风速是30km/h。
    风速是三十公里每小时。
-5度
    零下五度
2小时
    两小时
¾勺盐
    四分之三勺盐
"""
_ORDINARY = """
一个人在家。
今天天气很好。
客厅的灯已打开。
请说普通话。
MP3播放器
A4纸
5G网络
COVID-19疫情
我有三只猫。
USB接口
第一名
Windows XP很好。
二十一点五度
你好，世界！
"""


@pytest.mark.parametrize(("written", "spoken"), pairs(_DATES))
def test_dates(written: str, spoken: str) -> None:
    """Dates are read in Chinese numerals."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_TIMES))
def test_times(written: str, spoken: str) -> None:
    """Times of day, durations and ratios are read in words."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_RANGES))
def test_ranges(written: str, spoken: str) -> None:
    """A dash between numbers is read as a word."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ORDINALS))
def test_ordinals(written: str, spoken: str) -> None:
    """Ordinals are read in Chinese numerals."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_ROMAN))
def test_roman(written: str, spoken: str) -> None:
    """Roman numerals are converted to Chinese numerals."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_MONEY))
def test_money(written: str, spoken: str) -> None:
    """Prices are read with the names of the currency and its subunit."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_DIGITS))
def test_digits(written: str, spoken: str) -> None:
    """Codes and telephone numbers are read digit by digit."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_FRACTIONS))
def test_fractions(written: str, spoken: str) -> None:
    """Fractions are read in Chinese numerals."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_NUMBERS))
def test_numbers(written: str, spoken: str) -> None:
    """Numbers are converted to Chinese numerals."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_UNITS))
def test_units(written: str, spoken: str) -> None:
    """Numbers with units or percent signs are read in Chinese numerals."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "spoken"), pairs(_SIGNS))
def test_signs(written: str, spoken: str) -> None:
    """Signs between numbers and letters are read as words."""
    assert prepared(written, "zh") == spoken


@pytest.mark.parametrize(("written", "words"), pairs(_HEARD))
def test_digits_that_remain_sound_like_words(written: str, words: str) -> None:
    """espeak-ng pronounces the prepared text like the expected words."""
    assert is_spoken_as(written, words, "zh")


@pytest.mark.parametrize("text", lines(_ORDINARY))
def test_ordinary_text_is_not_changed(text: str) -> None:
    """Text that only resembles a date, an abbreviation or a numeral is not changed."""
    assert prepared(text, "zh") == text
