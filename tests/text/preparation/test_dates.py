"""In languages without their own rules, ISO dates are read as dates, and times without the name of the colon."""

import pytest

from tests.text.preparation.core_rules import prepared


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("el", "2024-03-05", "5 Μαρτίου 2024"),
        ("el", "Σήμερα 2024-03-05.", "Σήμερα 5 Μαρτίου 2024."),
        ("el", "2024-03-05T10:30:00", "5 Μαρτίου 2024 10:30"),
        ("el", "2024-03-05 10:30:15.123+02:00", "5 Μαρτίου 2024 10:30:15"),
        ("el", "2024-13-05", "2024-13-05"),
        ("el", "12024-03-05", "12024-03-05"),
        ("el", "10:30", "10:30"),
        ("uk", "о 10:30", "о 10 30"),
        ("sr", "10:30:15", "10 30 15"),
        ("uk", "2024-03-05T10:30", "5 березня 2024 року 10 30"),
        ("uk", "3:2:1", "3:2:1"),
        ("cs", "Dnes je 03.06.2025.", "Dnes je 3. června 2025."),
        ("cs", "3. 6. 2025", "3. června 2025"),
        ("uk", "03.06.2025", "3 червня 2025 року"),
        ("cs", "1.2.3.2025, 32.1.2025, 1.2.2199", "1.2.3.2025, 32.1.2025, 1.2.2199"),
    ],
)
def test_date_is_read(language: str, written: str, spoken: str) -> None:
    """The parts of a date are in the order of the language, and its hyphens are not read as minus signs."""
    assert prepared(written, language) == spoken
