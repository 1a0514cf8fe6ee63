"""The files of the web page are listed in a fixed table."""

import pytest

from tests.http.serving import error_of, serve


async def test_files_are_served_with_their_types() -> None:
    """Each file is sent with its media type. A browser that already has the current file gets 304 and no content."""
    async with serve() as bench:
        for path, media_type in (
            ("/", "text/html; charset=utf-8"),
            ("/page/page.js", "text/javascript; charset=utf-8"),
            ("/page/page.css", "text/css; charset=utf-8"),
            ("/page/icon.svg", "image/svg+xml"),
        ):
            answer = await bench.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == media_type
            assert int((await bench.client.head(bench.base + path)).headers["content-length"]) == len(answer.content)
            again = await bench.get(path, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["", "nothing.js", "../server.py", "..%2fserver.py", "page.js/", "a/a/a", "PAGE.JS", ".", "%2e%2e", "~"]
)
async def test_other_names_are_not_found(name: str) -> None:
    """Only the files that are listed in the table are sent. Other paths and other spellings get 404."""
    async with serve() as bench:
        assert error_of(await bench.get(f"/page/{name}")) == (404, "not-found")
