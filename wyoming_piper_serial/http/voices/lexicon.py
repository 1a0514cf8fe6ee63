"""The endpoints for lexicon entries."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from wyoming_piper_serial.http.access import CHANGES
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.response import Parameters
from wyoming_piper_serial.text.lexicon import MAX_SPOKEN, MAX_WORD, Entry, Lexicon
from wyoming_piper_serial.text.lexicon_edit import written
from wyoming_piper_serial.turns import Lane
from wyoming_piper_serial.voices.changes import entry_of
from wyoming_piper_serial.voices.choices import MAX_NAME

_MAX_LISTED = 1000  # Maximum number of entries, and of faults, in a response. Users can search a longer list.

Scope = Annotated[
    str, Field(max_length=MAX_NAME, description="A language, the name of a voice, or empty for all voices.")
]
Word = Annotated[str, Field(min_length=1, max_length=MAX_WORD, description="The word or phrase as it is written.")]
Spoken = Annotated[
    str,
    Field(min_length=1, max_length=MAX_SPOKEN, description="The pronunciation: other words, or phonemes as /.../."),
]


class EntryKey(Parameters):
    """The word and the scope of a lexicon entry. The scope is a language, a voice, or empty for all voices."""

    model_config = ConfigDict(extra="forbid")

    scope: Scope = ""
    word: Word


class EntryBody(EntryKey):
    """A lexicon entry to add or to change."""

    spoken: Spoken
    instead_of: Annotated[EntryKey | None, Field(description="An existing entry to replace.")] = None


class EntryItem(BaseModel):
    """A lexicon entry in the list."""

    scope: str
    word: str
    spoken: str
    is_fixed: Annotated[bool, Field(description="Whether it is in a file of the operator and cannot be changed.")]


class LexiconFault(BaseModel):
    """A line of the editable lexicon that is ignored because it is not valid."""

    line: int
    reason: str


class EntryList(BaseModel):
    """Entries of all the server's lexicons."""

    total: Annotated[int, Field(description="Number of entries found, of which the first are listed.")]
    entries: list[EntryItem]
    faults: list[LexiconFault]


class Stored(BaseModel):
    """The response to a change of the lexicon that has been stored."""

    status: Literal["stored"] = "stored"


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoints under `/api/voices/lexicon`."""
    routes = APIRouter(prefix="/api/voices/lexicon", tags=["voices"])
    lane, index = Lane(), _Index()

    @routes.get("")
    async def entries(
        search: Annotated[str, Query(max_length=MAX_WORD, description="Part of a word or of its pronunciation.")] = "",
    ) -> EntryList:
        """Lists the words that have a custom pronunciation, in alphabetical order."""
        path = context.changes.lexicon_path
        return await lane.run(index.listed, context.registry.lexicon, None if path is None else str(path), search)

    @routes.put("", **CHANGES)
    async def put(body: EntryBody) -> Stored:
        """Adds an entry, or changes the existing entry for the same word and scope."""
        old = None if body.instead_of is None else (body.instead_of.scope, body.instead_of.word)
        await context.changes.put_entry(entry_of(body.scope, body.word, body.spoken), instead_of=old)
        return Stored()

    @routes.delete("", status_code=204, **CHANGES)
    async def delete(key: Annotated[EntryKey, Query()]) -> None:
        """Removes the entry for this word and scope."""
        await context.changes.remove_entry(key.scope, key.word)

    return routes


class _Index:
    """The entries of the current lexicon in alphabetical order, each with the text that is searched. Sorting tens of
    thousands of entries takes a tenth of a second. Calls must not overlap."""

    def __init__(self) -> None:
        self._lexicon: Lexicon | None = None
        self._entries: list[tuple[str, Entry]] = []

    def listed(self, lexicon: Lexicon, path: str | None, search: str) -> EntryList:
        """Returns the first entries of `lexicon` that contain `search`, ignoring case, and the first faults in the file
        `path`. Only the entries in this file can be changed. `None` means that there is no such file."""
        if lexicon is not self._lexicon:
            entries = sorted(lexicon.entries, key=lambda entry: (entry.word.casefold(), entry.scope))
            self._entries = [(f"{entry.word}\n{entry.spoken}".casefold(), entry) for entry in entries]
            self._lexicon = lexicon
        wanted = search.casefold()
        found = [entry for text, entry in self._entries if wanted in text]
        return EntryList(
            total=len(found),
            entries=[
                EntryItem(scope=one.scope, word=one.word, spoken=written(one.spoken), is_fixed=one.source != path)
                for one in found[:_MAX_LISTED]
            ],
            faults=[
                LexiconFault(line=fault.line, reason=fault.reason)
                for fault in lexicon.faults[:_MAX_LISTED]
                if fault.source == path
            ],
        )
