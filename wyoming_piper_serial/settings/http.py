"""Settings for the HTTP server."""

from dataclasses import dataclass
from pathlib import Path

from wyoming_piper_serial.settings.option import Flag, Text, ZeroOr, option
from wyoming_piper_serial.settings.sharing import Network


@dataclass(frozen=True)
class VoiceAlias:
    """Another name for a voice, for clients of OpenAI's API."""

    name: str
    voice: str
    """Name, alias or language of a voice, or name of a preset."""


@dataclass(frozen=True, kw_only=True)
class Http:
    """Options for the HTTP server."""

    uri: str | None = option(
        "--http-uri",
        default=None,
        default_text="off",
        kind=Text.OPTIONAL,
        metavar="URI",
        help_text="address to listen on for HTTP, such as tcp://127.0.0.1:10280",
        reason="Wyoming clients do not need a second open port.",
    )
    allow: tuple[Network, ...] = option(
        "--http-allow",
        default=(),
        default_text="the networks of --allow",
        kind=Text.NETWORK,
        metavar="CIDR",
        help_text="network whose machines may connect to the HTTP server, instead of the networks of --allow",
        reason="Most operators allow the same machines for both. A server behind a proxy allows only the proxy.",
        repeated=True,
        reloaded=True,
    )
    token: str | None = option(
        "--http-token",
        default=None,
        default_text="none",
        kind=Text.TOKEN,
        metavar="TOKEN",
        help_text="bearer token that HTTP clients must send to get speech or to change voices",
        reason="The Wyoming port does not have a password either.",
        reloaded=True,
    )
    token_file: Path | None = option(
        "--http-token-file",
        default=None,
        default_text="none",
        kind=Text.FILE,
        metavar="FILE",
        help_text="file with the token, instead of --http-token; it is read again at SIGHUP",
        reason="Other users of the machine can see options, but not files such as the secrets of systemd and Docker.",
        reloaded=True,
    )
    hosts: tuple[str, ...] = option(
        "--http-host",
        default=(),
        default_text="none",
        kind=Text.HOST_NAME,
        metavar="NAME",
        help_text="name under which a reverse proxy exposes this server, such as piper.example.org",
        reason="A page of another site can use any name that it makes resolve to this machine (DNS rebinding).",
        repeated=True,
        reloaded=True,
    )
    cors: tuple[str, ...] = option(
        "--http-cors",
        default=(),
        default_text="none",
        kind=Text.ORIGIN,
        metavar="ORIGIN",
        help_text="origin of other web pages that may send requests and show the page in a frame, such as "
        "https://example.org",
        reason="If any origin were allowed, every web page that is open in a browser could use this server.",
        repeated=True,
        reloaded=True,
    )
    embed_anywhere: bool = option(
        "--http-embed-anywhere",
        default=False,
        kind=Flag(),
        help_text="let web pages of all origins show the page in a frame; they still cannot send requests themselves",
        reason="A page of another site could place the page invisibly under its own buttons, so that clicks on these "
        "buttons operate the page.",
    )
    openai_voices: tuple[VoiceAlias, ...] = option(
        "--openai-voice",
        default=(),
        default_text="OpenAI's names mean the default voice",
        kind=Text.VOICE_ALIAS,
        metavar="NAME=VOICE",
        help_text="voice or preset that a name means in /v1/audio/speech, such as alloy=en_US-joe-medium",
        reason="Many programs always request alloy or another voice of OpenAI. Only the operator knows which voices "
        "are here.",
        repeated=True,
        reloaded=True,
    )
    openai_pcm_rate: int = option(
        "--openai-pcm-rate",
        default=24_000,
        kind=ZeroOr(8000, 48_000),
        metavar="HZ",
        help_text="sample rate of pcm from /v1/audio/speech; 0 means the rate of the voice or --sample-rate",
        reason="OpenAI's pcm has this rate and no header, so programs play it at this rate.",
        reloaded=True,
    )
