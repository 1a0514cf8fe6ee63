"""The reply to the `describe` event."""

import json
from typing import Any

from tests.fakes import voice_entry
from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial import __version__
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
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
    reply = InfoReply(Catalogue([AMY]), default_voice=AMY.name, streaming=True)
    before = reply.event
    assert reply.event is before
    await reply.update(Catalogue([AMY, JOE]))
    assert [voice["name"] for voice in program_of(reply.event)["voices"]] == [AMY.name, JOE.name]
