"""The files of the web page. They are read once, so requests do not access the disk."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from wyoming_piper_serial.exceptions import NotFound

_FOLDER = Path(__file__).parent / "page"

# The operating system's table of media types is not used, because on some systems, browsers reject its type for
# JavaScript.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str
    etag: str


class PageFiles:
    """All files of the page, by name."""

    def __init__(self) -> None:
        self._files = {path.name: _read(path) for path in _FOLDER.iterdir() if path.suffix in _TYPES}

    def response(self, name: str, request: Request) -> Response:
        """Returns a response with the file, or with status 304 if the client already has it. Raises NotFound."""
        file = self._files.get(name)
        if file is None:
            raise NotFound("The page has no such file.")
        headers = {"ETag": file.etag}
        if request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, headers=headers, media_type=file.media_type)


def _read(path: Path) -> _File:
    content = path.read_bytes()
    return _File(content, _TYPES[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:32]}"')
