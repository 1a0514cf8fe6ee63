"""The endpoint that returns how text is spoken: its sentences, their spoken forms, and their phonemes."""

import asyncio
import contextlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from wyoming_piper_serial.exceptions import RequestTimeout
from wyoming_piper_serial.http.access import MAY_SPEAK, speaking_client
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.errors import ERRORS
from wyoming_piper_serial.http.response import Parameters, VoiceParameter
from wyoming_piper_serial.http.tried_entries import LINE, MAX_TRIED, TRIED, tried_entries
from wyoming_piper_serial.settings import TextRules
from wyoming_piper_serial.synthesis import SpeechRequest
from wyoming_piper_serial.turns import Lane
from wyoming_piper_serial.voices.selection import VoiceSelector, resolve

_JSON = "application/json"


class _Parameters(Parameters):
    text: Annotated[str, Field(min_length=1, description="The text to convert.")]
    voice: VoiceParameter = None
    text_rules: Annotated[
        TextRules | None,
        Field(description="Whether numbers, units, dates and abbreviations are read as a person would say them."),
    ] = None
    lexicon: Annotated[str | None, Field(max_length=MAX_TRIED, description=TRIED, json_schema_extra=LINE)] = None


class PronouncedSentence(BaseModel):
    """One sentence of a text."""

    written: Annotated[str, Field(description="The sentence, without markup.")]
    spoken: Annotated[
        str,
        Field(description="Its spoken form, after the rules for numbers and units and the lexicon have been applied."),
    ]
    phonemes: Annotated[list[str], Field(description="The phonemes of each model run.")]


class PronouncedText(BaseModel):
    """The pronunciation of a text."""

    text: str
    sentences: list[PronouncedSentence]


_FOUND: dict[int | str, dict[str, Any]] = {200: {"model": PronouncedText, "description": "How the text is spoken."}}


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoint `/api/phonemes`."""
    routes = APIRouter()
    loading = Lane()

    @routes.post(
        "/api/phonemes",
        response_class=Response,
        responses={**_FOUND, **ERRORS},
        tags=["text"],
        dependencies=[MAY_SPEAK],
    )
    async def phonemes(parameters: _Parameters, request: Request) -> Response:
        """Returns the phonemes of a text without synthesizing speech."""
        context.shutdown.check()
        seconds = context.settings.limits.request_timeout
        try:
            async with asyncio.timeout(seconds or None):
                return Response(await _pronounced(context, loading, parameters, request), media_type=_JSON)
        except TimeoutError:
            raise RequestTimeout(f"The text was not converted within {seconds:g} seconds.") from None

    return routes


async def _pronounced(context: HttpContext, loading: Lane, parameters: _Parameters, request: Request) -> bytes:
    """Returns the body of the response. Stops at the next sentence if the client disconnects. Phonemizers are loaded in
    the lane `loading`.

    Each sentence is encoded separately, because encoding a long text at once would block the event loop.
    """
    client = speaking_client(request.scope)
    account = context.synthesizer.new_holding(client)
    tried = tried_entries(parameters.lexicon)
    with contextlib.closing(context.synthesizer.new_text(client)) as text:
        text.add(parameters.text)
        text.end()
        selector = VoiceSelector(name=parameters.voice or None)
        resolved = resolve(selector, context.synthesizer.catalogue, context.settings, text_rules=parameters.text_rules)
        reader = await loading.run(
            context.readers.reader, resolved.entry, context.registry.lexicon, resolved.text_rules, tried
        )
        body = [_encoded({"text": parameters.text})[:-1] + b', "sentences": [']
        try:
            split = context.synthesizer.sentences(SpeechRequest(text=text, client=client), resolved)
            async with contextlib.aclosing(split) as sentences:
                async for sentence in sentences:
                    async with context.synthesizer.phonemizing(client):
                        context.shutdown.over.check()
                        found = await asyncio.wrap_future(reader.pronunciation(sentence))
                    body += [*([b", "] if len(body) > 1 else []), _encoded(found._asdict())]
                    account.claim(account.size + len(body[-1]))
                    if await request.is_disconnected():
                        break
        finally:
            account.hold(0)
    return b"".join([*body, b"]}"])


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
