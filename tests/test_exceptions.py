"""The classes in `exceptions.py` match the tree at the top of that file, and their codes are unique."""

import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import wyoming_piper_serial
from wyoming_piper_serial import exceptions
from wyoming_piper_serial.exceptions import (
    DownloadFailed,
    HttpRequest,
    PiperSerialError,
    QueueFull,
    ShuttingDown,
    VoiceFileError,
    VoiceLoadTimeout,
    VoiceNeedsExtra,
)

_LINE = re.compile(r"(?P<branch>[│├└─ ]*)(?P<name>[A-Z]\w+) *(?P<note>.*)")
_INDENT = 4  # indentation of each level of the tree, in characters


@dataclass(frozen=True)
class Printed:
    """One line of the tree: a class, its base class and its error code."""

    name: str
    parent: str | None
    code: str | None


def printed_tree() -> Iterator[Printed]:
    tree = (exceptions.__doc__ or "").split("\n\n")[1]
    path: list[str] = []
    for line in tree.splitlines():
        match = _LINE.fullmatch(line)
        assert match, f"not a line of a tree: {line!r}"
        depth = len(match["branch"]) // _INDENT
        del path[depth:]
        code = match["note"] if re.fullmatch(r"[a-z]+(-[a-z]+)*", match["note"]) else None
        yield Printed(match["name"], path[-1] if path else None, code)
        path.append(match["name"])


TREE = list(printed_tree())
ERRORS = {
    name: error
    for name, error in vars(exceptions).items()
    if isinstance(error, type) and issubclass(error, PiperSerialError)
}


def test_printed_tree_is_the_class_tree() -> None:
    """The tree shows every error class once, under its base class."""
    printed = {line.name: line.parent for line in TREE}
    assert len(printed) == len(TREE)
    assert {name: ERRORS[parent] for name, parent in printed.items() if parent} == {
        name: error.__base__ for name, error in ERRORS.items() if error is not PiperSerialError
    }


@pytest.mark.parametrize("line", TREE, ids=lambda line: line.name)
def test_printed_code_is_the_code_of_the_class(line: Printed) -> None:
    """The tree shows the error code of each class. Only base classes and SettingsError, which is never sent to a
    client, have no code in the tree."""
    error = ERRORS[line.name]
    if line.code is not None:
        assert error.code == line.code
    elif error is not exceptions.SettingsError:
        assert error.code == "internal-error"
        assert error.__subclasses__()


def test_codes_are_unique() -> None:
    """No two errors have the same code, except that a subclass may have the code of its base class."""
    codes: dict[str, str] = {}
    for line in TREE:
        if line.code is not None:
            assert codes.setdefault(line.code, line.name) in {line.name, line.parent}
    assert exceptions.SettingsError.code not in codes


def test_no_error_is_defined_elsewhere() -> None:
    """All errors are defined in `exceptions`. An error in another module would be missing from the tree."""
    modules = [
        name
        for _, name, _ in pkgutil.walk_packages(wyoming_piper_serial.__path__, "wyoming_piper_serial.")
        if not name.endswith("__main__")
    ]
    child = f"""
import importlib
for name in {modules!r}:
    importlib.import_module(name)
from wyoming_piper_serial.exceptions import PiperSerialError
def below(error):
    for subclass in error.__subclasses__():
        yield subclass
        yield from below(subclass)
print(*sorted(f"{{error.__module__}}.{{error.__name__}}" for error in below(PiperSerialError)))
"""
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=100, check=True)  # noqa: S603
    assert {name.rpartition(".")[0] for name in done.stdout.split()} == {exceptions.__name__}


@pytest.mark.parametrize("error", ERRORS.values(), ids=lambda error: error.__name__)
def test_every_error_has_a_code_and_a_docstring(error: type[PiperSerialError]) -> None:
    """Every error has its own docstring, and a code that consists of lower-case words with hyphens."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", error.code)
    assert "__doc__" in vars(error)
    assert inspect.getdoc(error)


def test_details_are_not_in_the_message() -> None:
    """Paths and addresses are in `detail`, which is only logged, and not in the message, which clients receive."""
    broken = VoiceFileError("amy", "/secret/amy.onnx: too short")
    assert (str(broken), broken.voice, broken.detail) == (
        "The voice amy cannot be used: its files are missing or broken.",
        "amy",
        "/secret/amy.onnx: too short",
    )
    failed = DownloadFailed("The voice amy", "no connection", "https://user@mirror/amy.onnx")
    assert str(failed) == "The voice amy cannot be downloaded: no connection."
    assert failed.detail == "The voice amy cannot be downloaded: no connection (https://user@mirror/amy.onnx)"


def test_errors_keep_what_their_answer_needs() -> None:
    """HttpRequest keeps the method of the request, because the HTTP response depends on it. VoiceNeedsExtra keeps the
    installation instruction."""
    assert HttpRequest("HEAD").method == "HEAD"
    missing = VoiceNeedsExtra("hua", "install piper-tts[zh]")
    assert (str(missing), missing.need) == (
        "The voice hua cannot be used yet: install piper-tts[zh].",
        "install piper-tts[zh]",
    )


@pytest.mark.parametrize(
    "error",
    [VoiceFileError("amy", "amy.onnx: too short"), VoiceLoadTimeout("amy", 5), ShuttingDown(), QueueFull("Full.")],
    ids=lambda error: type(error).__name__,
)
def test_copy_is_equal_and_independent(error: PiperSerialError) -> None:
    """A copy has the class, the message and the fields of the error. Changing the copy does not change the error."""
    copied = error.copy()
    assert type(copied) is type(error)
    assert (str(copied), vars(copied)) == (str(error), vars(error))
    copied.request_number = 7
    assert error.request_number is None
