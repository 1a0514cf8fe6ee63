"""Markup at the beginning of a line is recognized: list items, tasks, headings and horizontal rules."""

import pytest

from tests.text.filtering import filtered, spoken
from wyoming_piper_serial.text.characters import ITEM_PAUSE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* milk\n* eggs", "milk, eggs."),
        ("• milk\n‣ eggs\n⁃ bread\n◦ tea\n● salt\n- oil", "milk, eggs, bread, tea, salt, oil."),
        ("✅ milk\n✅ eggs\n👨\u200d👩\u200d👧 all", "milk, eggs, all."),
        ("- [x] milk\n- [ ] eggs\n* [X] bread", "milk, eggs, bread."),
        ("[x] milk\n[ ] eggs", "milk eggs."),
        ("> - milk\n> - eggs", "milk, eggs."),
        ("a\n* * *\nb", "a. b."),
        ("a • b • c", "a, b, c."),
        ("above\n***\nbelow", "above. below."),
    ],
)
def test_marks_of_items_are_not_read(text: str, expected: str) -> None:
    """Every kind of item marker is replaced with a pause. The check box of a task is not read."""
    assert spoken(text) == [expected]


@pytest.mark.parametrize("text", ["1. a", "1) a", "**1.** a", "1. [x] a", "  1.  a"])
def test_numbered_item_has_a_pause_after_its_number(text: str) -> None:
    """A pause follows the number of a list item."""
    assert filtered(text) == f"\n1{ITEM_PAUSE}a"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "3. oktober 2026"),
        ("de", "3. Oktober 2026"),
        ("de_DE", "1. Mai ist frei.\n3. Juli nicht."),
        ("da", "24. december"),
        ("cs", "1. ledna"),
        ("fi", "1. tammikuuta"),
        ("de", "2. Platz"),
        ("hu", "1. március"),
        ("pl", "1. maja"),
        ("sr", "1. јануар"),
    ],
)
def test_ordinal_is_no_item(language: str, text: str) -> None:
    """In a language that writes ordinals with a dot, a number does not begin a list item if a month follows or if it
    does not continue a list.
    """
    assert filtered(text, language=language) == text


@pytest.mark.parametrize("language", ["", "en", "de", "nb"])
def test_list_has_items_in_every_language(language: str) -> None:
    """In every language, consecutive numbers from 1 begin list items, even with text between the items."""
    expected = f"\n1{ITEM_PAUSE}Auf\n\n2{ITEM_PAUSE}Zu\nText\n\n3{ITEM_PAUSE}Ab"
    assert filtered("1. Auf\n2. Zu\nText\n3. Ab", language=language) == expected


def test_ordinals_are_items_in_other_languages() -> None:
    """In a language that writes ordinals without a dot, every number with a dot at the beginning of a line begins a
    list item.
    """
    assert filtered("3. October", language="en") == f"\n3{ITEM_PAUSE}October"


@pytest.mark.parametrize("text", ["-5 degrees", "1.5 l", "2026. x", "*5", "- - ", "•x"])
def test_other_lines_are_kept(text: str) -> None:
    """A number or sign without a space after it is not an item marker."""
    assert filtered(text).replace("*", "") == text.replace("*", "")


def test_heading_begins_a_paragraph() -> None:
    """A heading is separated from the line before it, even without a blank line."""
    assert spoken("Text\n# Title\nMore") == ["Text.", "Title. More."]
