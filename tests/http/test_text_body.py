"""The body of a speech request is read as plain text or as a form."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.exceptions import BadRequest, UnsupportedType
from wyoming_piper_serial.http.text_body import FORM, fields_of

_MULTIPART = "multipart/form-data; boundary=cut"


def part(name: str, value: str, more: str = "") -> str:
    return f'--cut\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "text/plain; charset=UTF-8", "Text/Markdown", "application/octet-stream"]
)
def test_text_is_the_whole_body(kind: str) -> None:
    """A plain-text body is not parsed, regardless of its content."""
    assert fields_of(kind, "text=Grüße & more\r\n".encode()) == {"text": "text=Grüße & more\r\n"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("text=Hello+there%2E&voice=joe", {"text": "Hello there.", "voice": "joe"}),
        ("voice=&text=a%26b", {"voice": "", "text": "a&b"}),
        ("text=Gr%C3%BC%C3%9Fe", {"text": "Grüße"}),
        ("text=Hello there.", {"text": "Hello there."}),
        ("A longer text.\n", {"text": "A longer text.\n"}),
        ("1 + 1 = 2 & more", {"text": "1 + 1 = 2 & more"}),
        ("Grüße=100%", {"text": "Grüße=100%"}),
        ("Hello", {"text": "Hello"}),
    ],
)
def test_form_has_a_text_or_is_one(body: str, fields: dict[str, str]) -> None:
    """A form has a field `text`. curl also labels plain text as a form; such text is spoken unchanged."""
    assert fields_of(FORM, body.encode()) == fields


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"text=", b"voice=joe", b"Hello%20there", b"Hello+there", b"a&b", b"input=Hello", b"\xff", b"text=%ff"),
        *(b"text=a&text=b", b"text=a" + b"&b=c" * 70, b"text=a\0b", b"text=a%00b"),
    ],
)
def test_other_forms_are_refused(body: bytes) -> None:
    """A form is refused if it has no text, a duplicate field, too many fields, or bytes that are not text."""
    with pytest.raises(BadRequest):
        fields_of(FORM, body)


def test_refusal_says_what_to_send() -> None:
    """If a form has no field `text`, the message says how to send a text."""
    with pytest.raises(BadRequest, match="--data-urlencode text="):
        fields_of(FORM, b"input=Hello")


def test_multipart_form_of_a_library_is_read() -> None:
    """A multipart form that httpx has generated is parsed. A part may be a file."""
    files = [("text", ("a.txt", "Grüße\r\n--an alle".encode(), "text/plain")), ("voice", (None, b"joe", "text/plain"))]
    request = httpx.Request("POST", "http://localhost/", files=files)
    fields = fields_of(request.headers["content-type"], request.read())
    assert fields == {"text": "Grüße\r\n--an alle", "voice": "joe"}


def test_multipart_form_with_a_preamble_is_read() -> None:
    """Text before the first part is ignored, the boundary may be quoted, and a name need not be quoted."""
    body = "before\r\n" + part("text", "Hi.", '; filename="name=x"').replace('name="text"', "name=text") + "--cut--\r\n"
    assert fields_of('multipart/form-data; charset=x; boundary="cut"', body.encode()) == {"text": "Hi."}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", part("text", "Hi.") + "--cut--"),
        (_MULTIPART, ""),
        (_MULTIPART, part("text", "Hi.")),
        (_MULTIPART, part("voice", "joe") + "--cut--"),
        (_MULTIPART, part("text", "a") + part("text", "b") + "--cut--"),
        (_MULTIPART, part("text", "a") * 80 + "--cut--"),
        (_MULTIPART, "--cut\r\nContent-Type: text/plain\r\n\r\nHi.\r\n--cut--"),
        (_MULTIPART, '--cut\r\nContent-Disposition: form-data; name="text"\r\n--cut--'),
        (_MULTIPART, part("text", "a\0") + "--cut--"),
    ],
)
def test_other_multipart_forms_are_refused(kind: str, body: str) -> None:
    """A form is refused if it has no boundary, no end or no text, or if one of its parts has no name."""
    with pytest.raises(BadRequest):
        fields_of(kind, body.encode())


@pytest.mark.parametrize(
    "kind", ["application/json", "audio/wav", "application/xml", "text/plain; charset=utf-16", "x"]
)
def test_other_types_are_refused(kind: str) -> None:
    """A body of another type or in another encoding is refused, even if it could be read as text."""
    with pytest.raises(UnsupportedType):
        fields_of(kind, b"Hello.")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"RIFF\0\0\0\0WAVE", "Hello".encode("utf-16")])
def test_bytes_that_are_no_text_are_refused(body: bytes) -> None:
    """Bytes that are not UTF-8 or that contain NUL are not accepted as text, even if the request declares them as
    text."""
    with pytest.raises(BadRequest):
        fields_of("text/plain", body)


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", min_codepoint=97, max_codepoint=122), min_size=1), st.text(min_size=1)
    )
)
def test_forms_of_a_library_are_read(fields: dict[str, str]) -> None:
    """Every form that httpx generates is parsed, unless its text contains NUL."""
    fields = {name: value.replace("\0", "") for name, value in fields.items()} | {"text": "Hello."}
    request = httpx.Request("POST", "http://localhost/", data=fields)
    assert fields_of(request.headers["content-type"], request.read()) == fields
