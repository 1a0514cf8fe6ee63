"""The reply to the `describe` event."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from tests.fakes import voice_entry
from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial import __version__
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.settings import Preset, Settings
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.failures import LoadFailures
from wyoming_piper_serial.wyoming.info import InfoReply, info_event

AMY = voice_entry("en_US-amy-low")
JOE = voice_entry("en_US-joe-medium", piper_version="1.2.3")
CROWD = voice_entry(
    "fr_FR-crowd-low", num_speakers=3, speaker_id_map={"anna": 0, "cleo": 2}, language={"code": "fr_FR"}
)


def program_of(event: bytes) -> dict[str, Any]:
    """Return the only program in an encoded `info` event."""
    header, block = event.split(b"\n", 1)
    assert json.loads(header)["type"] == "info"
    (program,) = json.loads(block)["tts"]
    assert isinstance(program, dict)
    return program


def program(*entries: VoiceEntry, default_voice: str = AMY.name, streaming: bool = True) -> dict[str, Any]:
    return program_of(info_event(Catalogue(entries), default_voice=default_voice, streaming=streaming))


def test_program_has_the_fields_that_home_assistant_requires() -> None:
    """The program has an attribution and the name `piper`, because Home Assistant and its health check require both."""
    info = program(AMY)
    assert (info["name"], info["installed"], info["version"]) == ("piper", True, __version__)
    assert info["attribution"]["name"]
    assert info["attribution"]["url"].startswith("https://")


def test_streaming_is_announced_if_it_is_on() -> None:
    """`supports_synthesize_streaming` is false with `--no-streaming`. Clients send text in chunks only if this value is
    true."""
    assert program(AMY, streaming=True)["supports_synthesize_streaming"] is True
    assert program(AMY, streaming=False)["supports_synthesize_streaming"] is False


def test_voice_is_described_by_its_config() -> None:
    """A voice is listed as installed. Its description, languages, version and attribution are taken from its config."""
    (voice,) = program(JOE)["voices"]
    assert (voice["name"], voice["description"]) == ("en_US-joe-medium", "fake (medium)")
    assert (voice["languages"], voice["version"], voice["installed"]) == (["en_US"], "1.2.3", True)
    assert voice["attribution"]["name"] == "rhasspy"


def test_default_voice_comes_first() -> None:
    """The default voice is listed first, and the other voices are sorted by name."""
    voices = program(CROWD, AMY, JOE, default_voice="en_US-joe-medium")["voices"]
    assert [voice["name"] for voice in voices] == ["en_US-joe-medium", "en_US-amy-low", "fr_FR-crowd-low"]


def test_speakers_are_listed_in_the_order_of_their_numbers() -> None:
    """Speakers are listed in the order of their numbers. A speaker without a name is listed by number. If a voice has
    only one speaker, the speaker is not listed."""
    joe, crowd = program(JOE, CROWD, default_voice=JOE.name)["voices"]
    assert crowd["speakers"] == [{"name": "anna"}, {"name": "1"}, {"name": "cleo"}]
    assert not joe.get("speakers")


def test_voices_to_download_are_listed_as_installed() -> None:
    """Downloadable voices are listed last and are marked as installed, because clients show only installed voices."""
    catalogue = Catalogue([AMY], public=[public_voice("de_DE-eva-low")], offer_downloads=True)
    here, offered = program_of(info_event(catalogue, default_voice=AMY.name, streaming=True))["voices"]
    assert here["name"] == AMY.name
    assert (offered["name"], offered["installed"]) == ("de_DE-eva-low", True)
    assert offered["description"] == "eva (low), to be downloaded"


def test_voices_to_download_are_not_listed_unless_they_are_offered() -> None:
    """Without `--offer-downloads`, downloadable voices are not listed."""
    catalogue = Catalogue([AMY], public=[public_voice("de_DE-eva-low")])
    assert len(program_of(info_event(catalogue, default_voice=AMY.name, streaming=True))["voices"]) == 1


async def test_reply_changes_with_the_catalogue() -> None:
    """`event` is encoded again only if the catalogue changes."""
    reply = InfoReply(Catalogue([AMY]), LoadFailures(), Settings(voice=AMY.name))
    before = reply.event
    assert reply.event is before
    await reply.update(Catalogue([AMY, JOE]))
    assert [voice["name"] for voice in program_of(reply.event)["voices"]] == [AMY.name, JOE.name]


async def changed(reply: InfoReply, before: bytes) -> list[tuple[str, bool]]:
    """Wait until the event of `reply` differs from `before`. Return the names of the voices, and whether they are
    installed."""
    async with asyncio.timeout(5):
        while reply.event == before:
            await asyncio.sleep(0.001)
    return [(voice["name"], voice["installed"]) for voice in program_of(reply.event)["voices"]]


async def test_voice_that_cannot_be_loaded_is_not_installed_until_its_files_are_replaced() -> None:
    """A voice whose files turned out to be unusable comes last with its presets. They are not marked as installed, and
    their descriptions say so. This ends when the files have been replaced."""
    failures, slow_amy = LoadFailures(), replace(AMY, preset=Preset(name="aunt", voice=AMY.name))
    reply = InfoReply(Catalogue([AMY, JOE, slow_amy]), failures, Settings(voice=AMY.name))
    before = reply.event
    failures.add(AMY.key, VoiceFileError(AMY.name, "amy.onnx: torn"))
    assert await changed(reply, before) == [(JOE.name, True), (AMY.name, False), ("aunt", False)]
    assert program_of(reply.event)["voices"][1]["description"] == "fake (medium), cannot be used"
    before = reply.event
    await reply.update(Catalogue([replace(AMY, stamp="new files"), JOE]))
    assert await changed(reply, before) == [(AMY.name, True), (JOE.name, True)]


async def test_voice_is_installed_again_when_it_has_been_loaded() -> None:
    """If a voice is loaded after a failure, for example because its phonemizer is available again, it is marked as
    installed."""
    failures = LoadFailures()
    reply = InfoReply(Catalogue([AMY]), failures, Settings(voice=AMY.name))
    original = reply.event
    failures.add(AMY.key, VoiceFileError(AMY.name, "no such language"))
    assert await changed(reply, original) == [(AMY.name, False)]
    failures.remove(AMY.name)
    await changed(reply, reply.event)
    assert reply.event == original
