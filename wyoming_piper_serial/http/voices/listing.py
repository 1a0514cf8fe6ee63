"""The endpoint that lists the voices."""

import asyncio
import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.shared_result import SharedResult
from wyoming_piper_serial.http.voices.items import Situation, VoiceList, list_voices
from wyoming_piper_serial.http.voices.kept import KeptSizes
from wyoming_piper_serial.voices.titles import LanguageNames


class _ListJson:
    """Encodes the list as JSON in a thread, because encoding hundreds of voices takes about 20 ms."""

    def __init__(self, context: HttpContext, kept: KeptSizes, *, complete: bool) -> None:
        self._context = context
        self._kept = kept
        self._complete = complete
        self._names = LanguageNames.load()

    async def encode(self) -> tuple[bytes, str]:
        """Returns the JSON and its ETag."""
        settings, registry = self._context.settings, self._context.registry
        folder = settings.download_folder

        def encode(situation: Situation) -> tuple[bytes, str]:
            body = list_voices(situation, complete=self._complete).model_dump_json().encode()
            return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'

        downloads = frozenset(registry.arriving()), frozenset(registry.failed_downloads())
        kept = await asyncio.to_thread(self._kept.get, downloads)
        return await asyncio.to_thread(
            encode,
            Situation(
                catalogue=registry.catalogue,
                default=self._context.changes.default,
                names=self._names,
                folder=folder,
                sample_rate=settings.synthesis.sample_rate,
                states=self._context.voice_states(),
                downloads=registry.arriving(),
                failed_downloads=registry.failed_downloads(),
                kept=kept,
                samples=registry.downloads is not None and registry.downloads.samples.allowed,
                operators_presets=frozenset(preset.name for preset in settings.presets),
            ),
        )


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoint `/api/voices`."""
    routes = APIRouter(prefix="/api", tags=["voices"])
    kept = KeptSizes(context.settings.download_folder)
    lists = {complete: SharedResult(_ListJson(context, kept, complete=complete).encode) for complete in (False, True)}

    @routes.get("/voices", response_model=VoiceList)
    async def voices(
        request: Request,
        *,
        complete: Annotated[
            bool,
            Query(
                alias="all",
                description="Also lists the voices that can be downloaded, and those that cannot be used.",
            ),
        ] = False,
    ) -> Response:
        """Lists the voices that a request can select."""
        body, etag = await lists[complete].get()
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    return routes
