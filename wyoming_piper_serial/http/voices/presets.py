"""The endpoints for presets."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from wyoming_piper_serial.http.access import CHANGES
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.voices.preset_items import PresetBody, PresetItem, preset_item
from wyoming_piper_serial.voices.choices import MAX_NAME

Name = Annotated[str, Path(min_length=1, max_length=MAX_NAME, description="Name of the preset.")]
# The pattern is only used in the OpenAPI description. Letters of other scripts are also accepted.
_PATTERN = {"pattern": "^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}$"}
NewName = Annotated[
    str,
    Path(min_length=1, max_length=100, description="Name of the preset.", json_schema_extra=_PATTERN),
]


class PresetList(BaseModel):
    """All presets, including those whose voice is missing."""

    presets: list[PresetItem]


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoints under `/api/voices/presets`."""
    routes = APIRouter(prefix="/api/voices/presets", tags=["voices"])

    def listed() -> list[PresetItem]:
        fixed = {preset.name: preset for preset in context.settings.presets}
        chosen = {preset.name: preset for preset in context.registry.catalogue.choices.presets}
        return [preset_item(preset, operators=fixed) for preset in (chosen | fixed).values()]

    @routes.get("")
    async def presets() -> PresetList:
        """Lists the presets of the operator and those that users have created."""
        return PresetList(presets=listed())

    @routes.put("/{name}", **CHANGES)
    async def put(name: NewName, body: PresetBody) -> PresetItem:
        """Adds a preset, or replaces the existing preset with this name."""
        return preset_item(await context.changes.put_preset(body.preset(name)), operators=())

    @routes.delete("/{name}", status_code=204, **CHANGES)
    async def delete(name: Name) -> None:
        """Removes a preset. If it was the default voice, the server's own default applies again."""
        await context.changes.remove_preset(name)

    return routes
