"""The reply to a `describe` event, encoded once per catalogue."""

import asyncio

from wyoming.info import Attribution, Info, TtsProgram, TtsVoice, TtsVoiceSpeaker

from wyoming_piper_serial import __version__
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.remote.index import PublicVoice
from wyoming_piper_serial.wyoming.wire import encode

# Home Assistant requires an attribution for the program and for each voice, but shows only the program's.
_PROGRAM_ATTRIBUTION = Attribution(name="wyoming_piper_serial", url="https://github.com/rhasspy/wyoming")
_VOICE_ATTRIBUTION = Attribution(name="rhasspy", url="https://github.com/rhasspy/piper")


class InfoReply:
    """The encoded `info` event with the voices in the current catalogue."""

    def __init__(self, catalogue: Catalogue, *, default_voice: str, streaming: bool) -> None:
        """`default_voice` is the name of the default voice set by the operator. A catalogue may override it."""
        self._default_voice = default_voice
        self._streaming = streaming
        self.event = self._encode(catalogue)

    async def update(self, catalogue: Catalogue) -> None:
        """Encodes the event for a new catalogue, in a thread because encoding hundreds of voices takes about 20 ms."""
        self.event = await asyncio.to_thread(self._encode, catalogue)

    def _encode(self, catalogue: Catalogue) -> bytes:
        return info_event(catalogue, default_voice=catalogue.default_or(self._default_voice), streaming=self._streaming)


def info_event(catalogue: Catalogue, *, default_voice: str, streaming: bool) -> bytes:
    """Returns the encoded `info` event.

    The default voice comes first in the list, because some clients do not let users choose a voice and use the first
    one.
    """
    entries = sorted(catalogue.entries, key=lambda entry: entry.name != default_voice)
    program = TtsProgram(
        name="piper",  # the health check of the Home Assistant add-on searches for the word `piper`
        description="Piper voices for many clients at once",
        attribution=_PROGRAM_ATTRIBUTION,
        installed=True,
        version=__version__,
        # Clients offer only voices that are marked as installed. Therefore, voices that will be downloaded on request
        # are also marked as installed.
        voices=[*map(_voice, entries), *map(_offered, catalogue.offered)],
        supports_synthesize_streaming=streaming,
    )
    return encode("info", Info(tts=[program]).event().data)


def _voice(entry: VoiceEntry) -> TtsVoice:
    config = entry.config
    return _tts_voice(entry.name, entry.description, config.language, config.speaker_names, version=config.version)


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
