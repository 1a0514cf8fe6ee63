"""HTML tags are removed, and entities are decoded."""

import pytest

from tests.text.filtering import filtered, spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>bold</b> and wo<i>r</i>d", "bold and word"),
        ("H<sub>2</sub>O and x<sup>2</sup>, 10<sup>-3</sup>", "H2O and x², 10⁻³"),
        ("fact<sup>[1]</sup>", "fact"),
        ('<a href="x. Y" target=_blank>link</a>', "link"),
        ("<span\n class='a'>x</span>", "x"),
        ('<img src="a.png" alt="A cat">', "A cat"),
        ('<img src="a.png"/>x', "x"),
        ("<input disabled>x", "x"),
        ("<foo-bar a='1'>x</foo-bar>", "x"),
        ("<answer>42</answer>", "42"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<https://example.org/a_b> <me@example.org>", "https://example.org/a_b me@example.org"),
        ('<img src="data:' + "A" * 3000 + '">x', "x"),
    ],
)
def test_tags_are_removed(text: str, expected: str) -> None:
    """HTML tags are removed. Image descriptions, exponents and addresses are kept."""
    assert filtered(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<h1>Title</h1><p>One</p><p>Two</p>", ["Title.", "One.", "Two."]),
        ("Buy:<ul><li>milk</li><li>eggs</li></ul>Go.", ["Buy:.", "milk, eggs.", "Go."]),
        ("<details><summary>More</summary>Text</details>", ["More.", "Text."]),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", ["a, b, c."]),
    ],
)
def test_elements_separate_text(text: str, expected: list[str]) -> None:
    """Paragraphs and headings end a sentence, and list items are separated by a pause."""
    assert spoken(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "3 < 5",
        "I <3 you",
        "a < b and c > d",
        "a <b and c> d",
        "if x<y and z>w",
        "ping <host> now",
        "vector<int> x",
        "x <- 5 -> y",
        "5 > 3",
        "<>",
        "a<b",
        "end <b",
    ],
)
def test_text_with_angle_brackets_keeps_its_meaning(text: str) -> None:
    """Comparisons and placeholders are not treated as tags."""
    assert filtered(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tom &amp; Jerry&#39;s", "Tom & Jerry's"),
        ("21&nbsp;&deg;C &frac12; &euro;5", "21\xa0°C ½ €5"),
        ("&lt;b&gt; &quot;x&quot; &#x27;y&#X27;", "<b> \"x\" 'y'"),
        ("&amp;#39;x &amp;amp; y", "'x & y"),
        ("wait&hellip; a&shy;b&#8203;c", "wait… abc"),
        ("&#0;&#128;&#xD800;", "\ufffd€\ufffd"),
        ("AT&T; R&D &x &notanentity; &notit; a&b; &;", "AT&T; R&D &x &notanentity; &notit; a&b; &;"),
    ],
)
def test_entities_become_characters(text: str, expected: str) -> None:
    """Entities are decoded, even if they are escaped twice. An unknown name is ordinary text."""
    assert filtered(text) == expected
