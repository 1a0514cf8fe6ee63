"""Reads the body of `POST /api/text-to-speech`: plain text, or the fields of a form. Does no I/O."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from wyoming_piper_serial.exceptions import BadRequest, UnsupportedType

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# A body without a content type is treated as text. Some libraries send text as `application/octet-stream` if it is
# passed to them as bytes.
_TEXTS = ("", "application/octet-stream")
_CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}
_MAX_FIELDS = 64  # Maximum number of fields in a form, as in a query.

_CHARSET = re.compile(r';\s*charset="?([^\s;"]+)', re.IGNORECASE)
_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_NAME = re.compile(rb';[ \t]*name=(?:"([^"\r\n]{0,100})"|([^\s;"]{1,100}))', re.IGNORECASE)
_DISPOSITION = re.compile(rb"^content-disposition:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)

_NOT_TEXT = "The body is not text."
_HELP = (
    "Send the text itself with the header 'Content-Type: text/plain', or as the field text of a form (curl "
    "--data-urlencode text=...)."
)


def fields_of(content_type: str, body: bytes) -> dict[str, str]:
    """Returns the fields of a request body. For a plain-text body, the only field is `text`.

    Raises UnsupportedType, or BadRequest if the body is not text, is not a valid form or lacks the field `text`.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM:
        fields = _form(body)
    elif kind == MULTIPART:
        fields = _fields(_multipart(content_type, body))
    elif kind in _TEXTS or kind.startswith("text/"):
        fields = {"text": _decoded(body, content_type)}
    elif kind == "application/json":
        raise UnsupportedType("Send the text itself as the body, or JSON to /v1/audio/speech.")
    else:
        raise UnsupportedType(f"This content type is not supported. {_HELP}")
    if not fields.get("text"):
        raise BadRequest("The text to speak is missing: send it as the body of the request, or in the field text.")
    return fields


def _form(body: bytes) -> dict[str, str]:
    """Returns the fields of a form.

    curl labels every body sent with `-d` or `--data-binary` as a form. A body without a field `text` is therefore read
    as plain text if it contains characters that a form would escape, or none of the characters `=&%+`.
    """
    content = _decoded(body)
    try:
        pairs = parse_qsl(content, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise BadRequest("The form is not UTF-8.") from error
    except ValueError as error:
        raise BadRequest(f"The form has more than {_MAX_FIELDS} fields.") from error
    if any(name == "text" for name, _ in pairs):
        return _fields(pairs)
    is_escaped = content.isascii() and not any(map(str.isspace, content))
    if is_escaped and any(mark in content for mark in "=&%+"):
        raise BadRequest(f"The form has no field text. {_HELP}")
    return {"text": content}


def _multipart(content_type: str, body: bytes) -> Iterable[tuple[str, str]]:
    """Yields the fields of a multipart form (RFC 7578). Raises BadRequest."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise BadRequest("The multipart form has no boundary.")
    delimiter = b"\r\n--" + (boundary[1] or boundary[2]).encode()
    _, *parts = (b"\r\n" + body).split(delimiter, _MAX_FIELDS + 1)
    if not parts or not parts[-1].startswith(b"--"):
        raise BadRequest(f"The multipart form is not complete, or has more than {_MAX_FIELDS} fields.")
    for part in parts[:-1]:
        head, blank, value = part.partition(b"\r\n\r\n")
        disposition = _DISPOSITION.search(head)
        name = disposition and _NAME.search(disposition[1])
        if not blank or not name:
            raise BadRequest("A part of the multipart form has no name.")
        yield _decoded(name[1] or name[2] or b""), _decoded(value)


def _fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Returns the fields by name. Raises BadRequest if a name occurs twice, because one of the values would be lost, or
    if a value contains an escaped NUL."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise BadRequest("The form has a duplicate field.")
        if "\0" in value:
            raise BadRequest(_NOT_TEXT)
        fields[name] = value
    return fields


def _decoded(body: bytes, content_type: str = "") -> str:
    """Returns the text in `body`. Raises BadRequest if it is not UTF-8, or if it contains NUL and is therefore binary
    data. Raises UnsupportedType if `content_type` names another charset than UTF-8 or ASCII."""
    charset = _CHARSET.search(content_type)
    if charset is not None and charset[1].lower() not in _CHARSETS:
        raise UnsupportedType("Send the text in UTF-8.")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The text is not UTF-8.") from error
    if "\0" in text:
        raise BadRequest(_NOT_TEXT)
    return text
