"""The list of voices in the HTTP API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from wyoming_piper_serial.http.voices.downloads import DownloadItem, failed_item, item_of
from wyoming_piper_serial.http.voices.preset_items import PresetItem, preset_item
from wyoming_piper_serial.voices.catalogue import Catalogue, UnavailableVoice, VoiceEntry, VoiceKey
from wyoming_piper_serial.voices.failures import VoiceState
from wyoming_piper_serial.voices.files import bundled_model
from wyoming_piper_serial.voices.remote.index import PublicVoice
from wyoming_piper_serial.voices.remote.manager import Progress
from wyoming_piper_serial.voices.titles import LanguageNames, spaced


class VoiceItem(BaseModel):
    """A voice or a preset."""

    name: Annotated[str, Field(description="The name by which requests select the voice.")]
    title: Annotated[str, Field(description="Display name, such as `Joe, English (US), medium`.")]
    description: str
    language: Annotated[str, Field(description="Code of the language, such as en_US.")]
    language_name: str
    quality: str
    sample_rate: Annotated[int | None, Field(description="Sample rate of the audio in Hz; null if not known yet.")]
    speakers: Annotated[list[str], Field(description="Names of the speakers; empty if the voice has only one.")]
    state: Annotated[
        Literal["loaded", "loading", "ready", "downloading", "absent", "failed"],
        Field(
            description="loaded: in memory; ready: on disk; absent: not on disk, but can be downloaded; failed: cannot "
            "be used or downloaded, for the given reason."
        ),
    ]
    reason: Annotated[str | None, Field(description="Why the voice cannot be used or downloaded.")] = None
    installed: Annotated[bool, Field(description="Whether the files are on disk and, as far as is known, can be used.")]
    size: Annotated[int, Field(description="Number of bytes of the model and its config.")]
    missing: Annotated[int, Field(description="Number of bytes that are not on disk.")] = 0
    is_default: Annotated[bool, Field(description="Whether requests that do not name a voice get this one.")] = False
    removable: Annotated[bool, Field(description="Whether the API can remove the files.")] = False
    has_sample: Annotated[bool, Field(description="Whether `/api/voices/NAME/sample` may have a recording.")] = False
    length_scale: Annotated[float | None, Field(description="The voice's own length scale, if it is installed.")] = None
    preset: Annotated[PresetItem | None, Field(description="The values of a preset; null for a voice.")] = None
    download: Annotated[DownloadItem | None, Field(description="The running, waiting or failed download.")] = None


class VoiceList(BaseModel):
    """The voices that a request can select, or all known voices."""

    default: Annotated[str, Field(description="The voice for requests that do not name one.")]
    voices: list[VoiceItem]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A snapshot of the information that the list of voices is made from."""

    catalogue: Catalogue
    default: str
    names: LanguageNames
    folder: Path | None = None
    """The folder whose voices can be removed, or `None` if no voices can be removed."""

    sample_rate: int | None = None
    """The sample rate of all audio in hertz, or `None` for the rate of each voice."""

    states: Mapping[VoiceKey, VoiceState] = field(default_factory=dict)
    downloads: Mapping[str, Progress] = field(default_factory=dict)
    failed_downloads: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)
    """Number of bytes of unfinished downloads on disk, by voice name."""

    operators_presets: frozenset[str] = frozenset()
    samples: bool = False
    """Whether the server can fetch the samples of public voices."""


def list_voices(situation: Situation, *, complete: bool) -> VoiceList:
    """Returns the voices that a request can select. If `complete` is true, adds the voices that can be downloaded, and
    the voices and presets that cannot be used."""
    catalogue = situation.catalogue
    items = [_installed(situation, entry) for entry in catalogue.entries]
    here = {entry.voice for entry in catalogue.entries}
    if complete:
        unusable = [*_unavailable(situation), *_broken(situation), *_lost_presets(situation)]
        items += unusable
        names = here | {item.name for item in unusable}
        items += [_absent(situation, voice) for voice in catalogue.public if voice.name not in names]
    else:
        items += [_absent(situation, voice) for voice in catalogue.offered]
    return VoiceList(default=situation.default, voices=items)


def _on_disk(situation: Situation, voice: VoiceEntry | UnavailableVoice) -> VoiceItem:
    """Returns an item with the fields that come from the config of a voice on disk."""
    config, names = voice.config, situation.names
    return VoiceItem(
        name=config.name,
        title=names.title(config.dataset, config.language, config.quality),
        description=config.description,
        language=config.language,
        language_name=names.language(config.language),
        quality=spaced(config.quality),
        sample_rate=situation.sample_rate or config.sample_rate,
        speakers=config.speaker_names,
        state="ready",
        installed=True,
        size=0,
    )


def _installed(situation: Situation, entry: VoiceEntry) -> VoiceItem:
    item = _on_disk(situation, entry)
    item.name, item.description, item.size = entry.name, entry.description, entry.size
    item.is_default = entry.name == situation.default
    item.length_scale = entry.config.scales.length_scale
    state = situation.states.get(entry.key)
    if state is not None:
        item.state, item.reason, item.installed = state.name, state.reason, state.is_usable
    if entry.preset is None:
        item.removable = _is_removable(situation, entry.model.parent)
    else:
        item.title = entry.preset.name
        item.preset = preset_item(entry.preset, operators=situation.operators_presets)
    return item


def _is_removable(situation: Situation, folder: Path | None) -> bool:
    return folder is not None and folder == situation.folder and folder != bundled_model().parent


def _unavailable(situation: Situation) -> Iterator[VoiceItem]:
    for voice in situation.catalogue.unavailable:
        item = _on_disk(situation, voice)
        item.state, item.reason, item.installed = "failed", f"The voice cannot be used yet: {voice.need}.", False
        item.removable = _is_removable(situation, voice.folder)
        yield item


def _broken(situation: Situation) -> Iterator[VoiceItem]:
    public = {voice.name: voice for voice in situation.catalogue.public}
    for broken in situation.catalogue.broken:
        listed = public.get(broken.name)
        if listed is not None:  # the public list says more than the broken files, and the voice can be downloaded again
            item = _absent(situation, listed)
        else:
            language, _, rest = broken.name.partition("-")
            dataset, _, quality = rest.rpartition("-")
            names = situation.names
            item = VoiceItem(
                name=broken.name,
                title=names.title(dataset, language, quality) if dataset else broken.name,
                description=broken.name,
                language=language,
                language_name=names.language(language),
                quality=spaced(quality),
                sample_rate=None,
                speakers=[],
                state="failed",
                installed=False,
                size=0,
            )
        if item.state in {"absent", "failed"}:
            item.state, item.reason = "failed", item.reason or f"Its files cannot be used: {broken.reason}."
        item.removable = _is_removable(situation, broken.folder)
        yield item


def _lost_presets(situation: Situation) -> Iterator[VoiceItem]:
    """Yields the user-defined presets whose voice or speaker is missing."""
    offered = {entry.name for entry in situation.catalogue.entries}
    for preset in situation.catalogue.choices.presets:
        if preset.name not in offered:
            language = preset.voice.partition("-")[0]
            yield VoiceItem(
                name=preset.name,
                title=preset.name,
                description=preset.name,
                language=language,
                language_name=situation.names.language(language),
                quality="",
                sample_rate=None,
                speakers=[],
                state="failed",
                reason=f"Its voice {preset.voice}, or its speaker, is not on this machine.",
                installed=False,
                size=0,
                preset=preset_item(preset, operators=situation.operators_presets),
            )


def _absent(situation: Situation, voice: PublicVoice) -> VoiceItem:
    running = situation.downloads.get(voice.name)
    failure = situation.failed_downloads.get(voice.name)
    download = None
    if running is not None:
        download = item_of(voice.name, running)
    elif failure is not None:
        download = failed_item(voice.name, failure)
    kept = situation.kept.get(voice.name, 0)
    return VoiceItem(
        name=voice.name,
        title=situation.names.title(voice.dataset, voice.language, voice.quality),
        description=f"{voice.description}, to be downloaded",
        language=voice.language,
        language_name=situation.names.language(voice.language),
        quality=spaced(voice.quality),
        sample_rate=situation.sample_rate,
        speakers=voice.speaker_names,
        state="downloading" if running is not None else "failed" if failure is not None else "absent",
        reason=failure if running is None else None,
        installed=False,
        size=voice.size,
        missing=max(0, voice.size - (kept if running is None else running.received)),
        removable=kept > 0,
        has_sample=situation.samples,
        download=download,
    )
