"""Chinese trains, plates, pages, generations and months are read as a person would say them."""

import pytest

from wyoming_piper_serial.text.preparation.languages.zh_fixed_forms import fixed_form_rules, period_rules
from wyoming_piper_serial.text.preparation.passage import Passage, Rules


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("乘坐G101次", "乘坐G 幺零幺次"),
        ("航班CA1234", "航班C A 幺二三四"),
        ("车牌京A12345", "车牌京A 一二三四五"),
        ("No.5和№6", "第五号和第六号"),
        ("见p.12，pp.12-15", "见第十二页，第十二到十五页"),
        ("90后和00后，30天后", "九零后和零零后，30天后"),
        ("2026-10，2026-10-03", "二零二六年十月，2026-10-03"),
        ("2001-02赛季，2026-13", "2001-02赛季，2026-13"),
        ("打110报警，打120分", "打幺幺零报警，打120分"),
        ("85折，9折", "八五折，9折"),
        ("CO2很高", "二氧化碳很高"),
        ("10万+，+5", "10万加，+5"),
        ("10GB/月，24小时/天", "10GB每月，24小时每天"),
        ("年/月/日，A/B", "年/月/日，A/B"),
    ],
)
def test_fixed_forms(written: str, spoken: str) -> None:
    """Other text with the same signs is not changed."""
    passage = Passage(written)
    Rules(*fixed_form_rules(), *period_rules()).apply(passage)
    assert passage.text == spoken
