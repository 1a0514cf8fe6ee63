"""The answer to `describe`: made once per catalogue, then the same bytes every time."""

import asyncio

from wyoming.info import Attribution, Info, TtsProgram, TtsVoice, TtsVoiceSpeaker

from wyoming_piper_serial import __version__
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.remote.index import PublicVoice
from wyoming_piper_serial.wyoming.wire import encode

# Home Assistant needs an attribution on everything, and names the program's maker in its pages.
_PROGRAM_MAKER = Attribution(name="wyoming_piper_serial", url="https://github.com/rhasspy/wyoming")
_VOICE_MAKER = Attribution(name="rhasspy", url="https://github.com/rhasspy/piper")


class InfoReply:
    """The `info` event of the voices on offer, encoded."""

    def __init__(self, catalogue: Catalogue, *, default_voice: str, streaming: bool) -> None:
        self._default_voice = default_voice
        self._streaming = streaming
        self.event = self._made(catalogue)

    async def update(self, catalogue: Catalogue) -> None:
        """Other voices are on offer. Made in a thread: hundreds take some 20 ms."""
        self.event = await asyncio.to_thread(self._made, catalogue)

    def _made(self, catalogue: Catalogue) -> bytes:
        return info_event(catalogue, default_voice=self._default_voice, streaming=self._streaming)


def info_event(catalogue: Catalogue, *, default_voice: str, streaming: bool) -> bytes:
    """The `info` event. The default voice comes first: clients without a choice take the first."""
    entries = sorted(catalogue.entries, key=lambda entry: entry.name != default_voice)
    program = TtsProgram(
        name="piper",  # health checks look for this word
        description="Piper voices, one at a time, for everyone at once",
        attribution=_PROGRAM_MAKER,
        installed=True,
        version=__version__,
        # Clients choose among what is installed; what is fetched when it is asked for counts as that.
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
        attribution=_VOICE_MAKER,
        installed=True,
        version=version,
        languages=[language],
        speakers=[TtsVoiceSpeaker(name=speaker) for speaker in speakers] or None,
    )
