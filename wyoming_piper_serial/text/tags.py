"""Recognizes HTML tags and entities."""

import regex

from wyoming_piper_serial.text.characters import clean_characters
from wyoming_piper_serial.text.scanning import Hidden, Token, View

# The replacements for the tags of block elements. The tags of all other known elements are removed.
_CELL = " | "
_LINES = {
    **dict.fromkeys(["br", "tr", "dd", "option"], "\n"),
    **dict.fromkeys(["p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "body", "title"], "\n\n"),
    **dict.fromkeys(["blockquote", "ul", "ol", "dl", "table", "form", "fieldset", "figure"], "\n\n"),
    **dict.fromkeys(["figcaption", "caption", "details", "summary"], "\n\n"),
    **dict.fromkeys(["section", "article", "header", "footer", "main", "nav", "aside"], "\n\n"),
    **dict.fromkeys(["li", "dt"], "\n- "),
    **dict.fromkeys(["td", "th"], _CELL),
}
_INLINE = (
    "a abbr acronym area audio b base bdi bdo big button canvas center cite code col colgroup data datalist del dfn "
    "dialog em embed font html i iframe img input ins kbd label legend link map mark marquee menu meta meter nobr "
    "noscript object optgroup output param picture progress q rb rp rt ruby s samp select slot small source span "
    "strike strong sub sup tbody template textarea tfoot thead time track tt u var video wbr "
    # Elements that enclose parts of a language model's answer, and the root element of speech markup (SSML).
    "answer final_answer response output result speak"
)
_KNOWN = frozenset(_LINES) | frozenset(_INLINE.split())

_BOOLEAN = (
    r"(?:allowfullscreen|async|autofocus|autoplay|checked|controls|default|defer|disabled|download|hidden|loop|multiple"
    r"|muted|open|readonly|required|reversed|selected)"
)
_VALUE = r"(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'<>=`]++)"
_ATTRIBUTES = rf"(?:\s++(?:[A-Za-z_:@][\w:.@-]*+\s*+=\s*+{_VALUE}|{_BOOLEAN}(?=[\s/>])))*+"
_TAG = regex.compile(rf"<(/?)([A-Za-z][A-Za-z0-9:_-]{{0,30}}+)({_ATTRIBUTES})\s*+/?>", regex.IGNORECASE)
# The beginning of a tag that exceeds the maximum length of a match, such as an image with embedded data.
_LONG_TAG = regex.compile(r"<[A-Za-z][A-Za-z0-9]{0,10}\s{1,10}[\w-]{1,30}=[\"'][^<>]{900}")
_TAG_END = regex.compile(">")
_ALTERNATIVE = regex.compile(r"\salt\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')", regex.IGNORECASE)
# A superscript number: an exponent or a footnote mark.
_SUPERSCRIPT = regex.compile(
    r"<sup>(?:([0-9]{1,3}|[-−+][0-9]{1,2})|(?:<a\s[^<>]{0,200}>)?\[[0-9a-z]{1,4}\](?:</a>)?)</sup>", regex.IGNORECASE
)
_SUPERSCRIPTS = str.maketrans("0123456789-−+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺")
_ADDRESS = regex.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,30}:[^\s<>]*+|[\w.+-]{1,64}@[\w-]++(?:\.[\w-]++)++)>")

# A numeric or named entity. Without a semicolon, it is ordinary text, as in "AT&T" and "a&b".
_ENTITY = regex.compile(r"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def tag(view: View) -> Token | None:
    """Recognizes a tag or an address in angle brackets. `view` is at `<`.

    Text in angle brackets is a tag if it names a known element, has attributes, or closes an element. Any other text in
    angle brackets, as in `ping <host>` and `if x<y and z>w`, is not markup.
    """
    if found := view.match(_ADDRESS):
        return Token(found.end(), found[1])
    if found := view.match(_SUPERSCRIPT):
        return Token(found.end(), (found[1] or "").translate(_SUPERSCRIPTS))
    if found := view.match(_TAG):
        return _replaced(found)
    if found := view.match(_LONG_TAG):
        return Token(found.end(), hidden=Hidden(_TAG_END, instead=""))
    return None


def _replaced(found: "regex.Match[str]") -> Token | None:
    is_end, name, attributes = found[1], found[2].lower(), found[3]
    if name not in _KNOWN and not is_end and not attributes:
        return None
    if name == "img" and (alternative := _ALTERNATIVE.search(attributes)):
        return Token(found.end(), alternative[1] or alternative[2] or "")
    line = _LINES.get(name, "")
    if is_end and line != "\n\n":
        line = " " if line else ""  # the next table row or list item begins a new line
    return Token(found.end(), again=line)


def entity(view: View) -> Token | None:
    """Recognizes an HTML entity. `view` is at `&`.

    The decoded character is not treated as markup, except that the `&` of `&amp;` may begin another entity.
    """
    found = view.match(_ENTITY)
    if found is None:
        return None
    if found[1] == "amp":
        return Token(found.end(), again="&")  # the text may be escaped twice, as in `&amp;#39;`
    from html import entities, unescape  # noqa: PLC0415 -- most texts have no entity

    if found[1][0] != "#" and f"{found[1]};" not in entities.html5:
        return None  # `unescape` would replace a known entity name at the start of this name
    return Token(found.end(), clean_characters(unescape(found[0])))
