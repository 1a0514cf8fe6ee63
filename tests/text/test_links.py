"""Links are replaced by their text, footnote marks are removed, and raw phonemes are kept."""

import pytest

from tests.text.filtering import filtered, spoken
from wyoming_piper_serial.text.links import is_wiki_link


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See [the site](https://example.org/a_b?c=d).", "See the site."),
        ("[Foo](https://en.wikipedia.org/wiki/Foo_(bar)) x", "Foo x."),
        ("[Foo](<a b> 'A title. Here') x", "Foo x."),
        ('[Foo](a.md "T (x)") x', "Foo x."),
        ("[Foo]() x", "Foo x."),
        ("![A cat](cat.png) sleeps", "A cat sleeps."),
        ("[![logo](a.png)](https://x.y) x", "logo x."),
        ("![](a.png) x", "x."),
        ("[a](b)[c](d) ![e](f)![g](h)", "a c e g."),
        ("Wow![x](a.b)", "Wow! x."),
        ("[the *best* `one`](a.b) x", "the best one x."),
        ("[Foo](data:" + "A" * 3000 + ") x", "Foo x."),
        ("[text][ref] and [text][]", "text and text."),
        ("fact[^1] and[^note]", "fact and."),
        ("[[Page|label]] and [[Main Page]]", "label and Main Page."),
        ("[[Page#Part]] [[Москва]] [[東京]]", "Page, Part Москва 東京."),
        ("[[daily notes]] [[page|x]]", "daily notes x."),
        ("[[File:a.png|thumb|A cat]] [[Category:Cats]] x", "A cat x."),
    ],
)
def test_link_is_replaced_by_its_text(text: str, expected: str) -> None:
    """The text of links, images and wiki links is read, but not the address."""
    assert spoken(text) == [expected]


def test_sentence_in_a_link_ends() -> None:
    """A sentence may end inside the text of a link or at the end of the link."""
    assert spoken("[First. Second.](a.b) Third") == ["First.", "Second.", "Third."]


@pytest.mark.parametrize(
    "line",
    [
        "[ref]: https://example.org",
        '[Some name]: <https://example.org/a b> "A title. Here"',
        "  [1]: /path 'x'",
        "[a]: example.org/x (y)",
        "[a]: mailto:x@y",
    ],
)
def test_definition_of_a_reference_is_left_out(line: str) -> None:
    """Link reference definitions are left out."""
    assert filtered(f"{line}\nx").strip() == "x"
    assert filtered(f"x\n{line}").strip() == "x"
    assert filtered(f"x\r\n{line}\r\ny").split() == ["x", "y"]


@pytest.mark.parametrize("text", ["[Anna]: hello there", "[Note]: see example.org now", "[12:30]: lunch"])
def test_line_that_is_no_definition_is_read(text: str) -> None:
    """A line with a name in brackets but no address is ordinary text."""
    assert filtered(text) == text


def test_footnote_is_read_as_a_paragraph() -> None:
    """The text of a footnote is read without the footnote mark."""
    assert spoken("Fact[^1].\n[^1]: Its source.") == ["Fact.", "Its source."]


@pytest.mark.parametrize("text", ["array[0]", "m[i][j]", "f[i](x)", "[1][2]", "[sic]", "a [b (c)", "x](y z)", "]("])
def test_other_brackets_are_kept(text: str) -> None:
    """Brackets that are not part of a link are kept."""
    assert filtered(text) == text


@pytest.mark.parametrize(
    "content",
    [" h_ɛˈloʊ # | ", "hɛloʊ", " n i3 h ao3 ", "zh uang1 k o N", "n i h a", "kasa", " k o N ", "", " a | b ", "ˈa|ˈb"],
)
def test_raw_phonemes_are_kept(content: str) -> None:
    """Text in `[[ ]]` that could be phonemes is not changed."""
    assert not is_wiki_link(content)
    assert filtered(f"Say [[{content}]]") == f"Say [[{content}]]"


def test_markup_inside_raw_phonemes_is_kept() -> None:
    """Markup characters inside raw phonemes are not treated as markup."""
    assert filtered("[[ ~~a~~ *b* &amp; `c` ]]") == "[[ ~~a~~ *b* &amp; `c` ]]"
