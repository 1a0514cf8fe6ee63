"""The reply to a `describe` event, encoded once per change of the voices or of their failures."""

import asyncio
from collections.abc import Collection

from wyoming.info import Attribution, Info, TtsProgram, TtsVoice, TtsVoiceSpeaker

from wyoming_piper_serial import __version__
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry, VoiceKey
from wyoming_piper_serial.voices.failures import LoadFailures
from wyoming_piper_serial.voices.remote.index import PublicVoice
from wyoming_piper_serial.wyoming.wire import encode

# Home Assistant requires an attribution for the program and for each voice, but shows only the program's.
_PROGRAM_ATTRIBUTION = Attribution(name="wyoming_piper_serial", url="https://github.com/rhasspy/wyoming")
_VOICE_ATTRIBUTION = Attribution(name="rhasspy", url="https://github.com/rhasspy/piper")


class InfoReply:
    """The encoded `info` event with the voices in the current catalogue."""

    def __init__(self, catalogue: Catalogue, failures: LoadFailures, settings: Settings) -> None:
        """`failures` are the voices in the catalogue that could not be loaded."""
        self._catalogue = catalogue
        self._failures = failures
        self._settings = settings
        self._encoding = asyncio.Lock()
        self._refreshing: set[asyncio.Task[None]] = set()
        self.event = self._encode(catalogue, failures.unusable())
        failures.on_change(self._start_to_refresh)

    async def update(self, catalogue: Catalogue) -> None:
        """Encodes the event for a new catalogue, in a thread because encoding hundreds of voices takes about 20 ms."""
        self._catalogue = catalogue
        await self._refresh()

    async def _refresh(self) -> None:
        async with self._encoding:  # so that the event of an earlier change never replaces the event of a later one
            self.event = await asyncio.to_thread(self._encode, self._catalogue, self._failures.unusable())

    def _start_to_refresh(self) -> None:
        task = asyncio.create_task(self._refresh())
        self._refreshing.add(task)
        task.add_done_callback(self._refreshing.discard)

    def _encode(self, catalogue: Catalogue, unusable: Collection[VoiceKey]) -> bytes:
        return info_event(
            catalogue,
            default_voice=catalogue.default_or(self._settings.voice),
            streaming=self._settings.streaming,
            unusable=unusable,
        )


def info_event(
    catalogue: Catalogue, *, default_voice: str, streaming: bool, unusable: Collection[VoiceKey] = ()
) -> bytes:
    """Returns the encoded `info` event.

    The voices whose keys are in `unusable` come last in the list, and are not marked as installed. If the default voice
    is on this machine, it comes first among all other voices, because some clients do not let users choose a voice and
    use the first one.
    """
    entries = sorted(catalogue.entries, key=lambda entry: entry.name != default_voice)
    usable = [_voice(entry) for entry in entries if entry.key not in unusable]
    others = [_unusable(entry) for entry in entries if entry.key in unusable]
    program = TtsProgram(
        name="piper",  # the health check of the Home Assistant add-on searches for the word `piper`
        description="Piper voices for many clients at once",
        attribution=_PROGRAM_ATTRIBUTION,
        installed=True,
        version=__version__,
        # Clients offer only voices that are marked as installed. Therefore, voices that will be downloaded on request
        # are also marked as installed.
        voices=[*usable, *map(_offered, catalogue.offered), *others],
        supports_synthesize_streaming=streaming,
    )
    return encode("info", Info(tts=[program]).event().data)


def _voice(entry: VoiceEntry) -> TtsVoice:
    config = entry.config
    return _tts_voice(entry.name, entry.description, config.language, config.speaker_names, version=config.version)


def _unusable(entry: VoiceEntry) -> TtsVoice:
    voice = _voice(entry)
    voice.installed, voice.description = False, f"{entry.description}, cannot be used"
    return voice


def _offered(voice: PublicVoice) -> TtsVoice:
    return _tts_voice(voice.name, f"{voice.description}, to be downloaded", voice.language, voice.speaker_names)


def _tts_voice(
    name: str, description: str, language: str, speakers: list[str], *, version: str | None = None
) -> TtsVoice:
    return TtsVoice(
        name=name,
        description=description,
        attribution=_VOICE_ATTRIBUTION,
        installed=True,
        version=version,
        languages=[language],
        speakers=[TtsVoiceSpeaker(name=speaker) for speaker in speakers] or None,
    )
