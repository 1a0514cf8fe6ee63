"""Limits for requests, connections, events and memory, and timeouts for clients."""

from dataclasses import dataclass

from wyoming_piper_serial.settings.option import Number, Whole, option

MEBIBYTE = 1 << 20
"""Bytes per mebibyte, the unit of the options for memory and file sizes."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits for requests, connections, events and memory."""

    max_text: int = option(
        "--max-text",
        default=50_000,
        kind=Whole(1, 1 << 24),
        metavar="N",
        help_text="maximum characters in one request",
        reason="About an hour of speech.",
    )
    max_queue: int = option(
        "--max-queue",
        default=64,
        kind=Whole(1, 1 << 16),
        metavar="N",
        help_text="maximum requests that need the voice at the same time",
        reason="On a small machine, the last of 64 short responses starts after about 10 seconds. A later response "
        "would be useless.",
    )
    max_queue_per_address: int | None = option(
        "--max-queue-per-address",
        default=None,
        default_text="three quarters of --max-queue",
        kind=Whole(1, 1 << 16),
        metavar="N",
        help_text="maximum requests from one address or IPv6 /64 network that need the voice at the same time",
        reason="The limit prevents one client from filling the queue. It is high, because all clients behind Home "
        "Assistant or a proxy have the same address.",
    )
    queue_timeout: float = option(
        "--queue-timeout",
        default=60.0,
        kind=Number(0, 86400),
        metavar="SECONDS",
        help_text="maximum time from a request's first sentence to its first step, including the time to load its "
        "voice; 0 means no limit",
        reason="Users do not wait longer than a minute for a response.",
    )
    load_timeout: float = option(
        "--load-timeout",
        default=120.0,
        kind=Number(0, 86400),
        metavar="SECONDS",
        help_text="maximum time to load a voice; 0 means no limit",
        reason="Loading a voice takes a few seconds, or about twenty from a slow SD card. After two minutes, the disk "
        "is probably broken.",
    )
    request_timeout: float = option(
        "--request-timeout",
        default=7200.0,
        kind=Number(0, 604800),
        metavar="SECONDS",
        help_text="maximum time from a request's first sentence to its end, and separately to download its voice; 0 "
        "means no limit",
        reason="The longest text is an hour of speech, and a client may read audio only as fast as it plays it. The "
        "limit is twice that time.",
    )
    step_timeout: float = option(
        "--step-timeout",
        default=60.0,
        kind=Number(0, 86400),
        metavar="SECONDS",
        help_text="maximum duration of one model run before its requests fail and the server reports itself unhealthy; "
        "0 means no limit",
        reason="On a small machine, encoding the longest sentence takes half a second. A model that cannot be cut "
        "into parts takes about ten seconds for it.",
    )
    phonemizer_timeout: float = option(
        "--phonemizer-timeout",
        default=0.5,
        kind=Number(0.05, 3600),
        metavar="SECONDS",
        help_text="maximum processor time to convert one sentence to phonemes; 20 times as long for Arabic, Chinese, "
        "Hebrew, Japanese and Thai",
        reason="A sentence of 600 characters takes 5 ms on a fast machine and 50 ms on a slow one. During this time, "
        "other requests wait.",
    )
    phonemizer_memory: int = option(
        "--phonemizer-memory",
        default=1024,
        kind=Whole(32, 1 << 20),
        metavar="MB",
        help_text="maximum memory of a phonemizer process",
        reason="espeak-ng needs 15 MB. The neural phonemizers of other languages need several hundred.",
    )
    max_requests_per_connection: int = option(
        "--max-requests-per-connection",
        default=32,
        kind=Whole(1, 1 << 16),
        metavar="N",
        help_text="maximum requests that wait on one connection, in addition to the current one",
        reason="A client that plays the audio has to send only a few requests in advance.",
    )
    max_connections: int = option(
        "--max-connections",
        default=512,
        kind=Whole(1, 1 << 20),
        metavar="N",
        help_text="maximum open connections",
        reason="Half of the usual limit of 1024 open files.",
    )
    max_connections_per_address: int | None = option(
        "--max-connections-per-address",
        default=None,
        default_text="half of --max-connections; no limit for this machine",
        kind=Whole(1, 1 << 20),
        metavar="N",
        help_text="maximum open connections from one address or IPv6 /64 network; if given, it also applies to this "
        "machine",
        reason="The limit prevents one machine from using all connections. It is high, because all clients behind a "
        "proxy or a container's bridge have the same address. This machine is exempt by default, because proxies run "
        "on it and its users could harm the server in other ways.",
    )
    max_ahead: float = option(
        "--max-ahead",
        default=30.0,
        kind=Number(1, 3600),
        metavar="SECONDS",
        help_text="maximum audio that is synthesized in advance for a client that reads slowly",
        reason="30 seconds of audio at 22,050 Hz need 1.3 MB.",
    )
    max_held: float = option(
        "--max-held",
        default=300.0,
        kind=Number(0, 86400),
        metavar="SECONDS",
        help_text="maximum audio that is held back before playback on a machine that is slower than real time",
        reason="300 seconds of audio at 22,050 Hz need 13 MB. A machine that needs 1.5 seconds for a second of speech "
        "holds back five minutes of audio for 15 minutes of text. Users do not wait longer than that.",
    )
    max_buffered: int = option(
        "--max-buffered",
        default=256,
        kind=Whole(1, 1 << 20),
        metavar="MB",
        help_text="maximum memory of incomplete events, waiting text, sentences and unread output of all clients",
        reason="Half of this is enough for thirty listeners, each with 3 MB for the sentence that is decoded and 1.3 "
        "MB of audio ahead, which is more than most machines can supply. The other half is for text and for incomplete "
        "events, messages and requests.",
    )
    max_voices: int = option(
        "--max-voices",
        default=16,
        kind=Whole(1, 1000),
        metavar="N",
        help_text="maximum voices in memory; the least recently used one is unloaded first, the default voice last",
        reason="`max_memory` limits the memory, but each voice also has three threads per core, so hundreds of voices "
        "would have thousands of threads.",
    )
    max_memory: int | None = option(
        "--max-memory",
        default=None,
        default_text="half of the memory that is free at the start",
        kind=Whole(1, 1 << 30),
        metavar="MB",
        help_text="maximum estimated memory of loaded voices",
        reason="The other half is for synthesis and other programs. The estimate for a voice is 1.2 times the size of "
        "its model file plus 20 MB: 92 MB for a medium voice of 60 MB, for which 70 MB were measured. It does not "
        "include the 100 to 180 MB of working memory that all voices share.",
    )
    idle_unload: float = option(
        "--idle-unload",
        default=0.0,
        kind=Number(0, 10**7),
        metavar="SECONDS",
        help_text="time after which an unused voice is unloaded, except the default voice; 0 means never",
        reason="Memory that no other program needs is best used for voices. The default voice is not unloaded, so "
        "that the first request after a long pause is not slower.",
    )
    max_header: int = option(
        "--max-header",
        default=64 * 1024,
        kind=Whole(256, 1 << 24),
        metavar="BYTES",
        help_text="maximum length of an event's header line, or of an HTTP request's headers",
        reason="This is asyncio's default line limit, which also applies in other Wyoming programs.",
    )
    max_data: int = option(
        "--max-data",
        default=512 * 1024,
        kind=Whole(256, 1 << 28),
        metavar="BYTES",
        help_text="maximum length of an event's data block, of an HTTP request's body, or of a WebSocket message",
        reason="This is enough for `max_text` characters of any language with a Piper voice, even if each one is "
        "escaped in JSON.",
    )
    max_payload: int = option(
        "--max-payload",
        default=16 * 1024 * 1024,
        kind=Whole(0, 1 << 40),
        metavar="BYTES",
        help_text="maximum length of an event's payload, which is read and discarded",
        reason="This server does not store payloads, so a high limit costs no memory.",
    )
    max_upload: int = option(
        "--max-upload",
        default=512,
        kind=Whole(1, 2048),
        metavar="MB",
        help_text="maximum size of a voice's model that is uploaded over HTTP; the upload is streamed to disk",
        reason="Public voices have up to 131 MB, and voices in double precision twice as much.",
    )

    @property
    def queue_per_address(self) -> int:
        """The value of `max_queue_per_address`, or its default if it is not set."""
        return self.max_queue_per_address or -(-3 * self.max_queue // 4)


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Timeouts for clients in seconds. 0 means no limit, except that HTTP connections without requests are closed after
    one minute if `idle` is 0. `proxy` cannot be 0."""

    event: float = option(
        "--event-timeout",
        default=10.0,
        kind=Number(0, 10**7),
        metavar="SECONDS",
        help_text="maximum time from the first to the last byte of an event, an HTTP request or a WebSocket message; 0 "
        "means no limit",
        reason="Clients send an event at once, and a lost packet on bad Wi-Fi takes up to three seconds. Time during "
        "which the server itself is busy does not count.",
    )
    proxy: float = option(
        "--proxy-timeout",
        default=5.0,
        kind=Number(0.1, 3600),
        metavar="SECONDS",
        help_text="maximum time for the PROXY protocol header of a connection from a --proxy-from network",
        reason="A proxy sends the header as soon as it is connected, and a lost packet takes up to three seconds.",
    )
    idle: float = option(
        "--idle-timeout",
        default=0.0,
        kind=Number(0, 10**7),
        metavar="SECONDS",
        help_text="time after which a connection without requests is closed; 0 means no limit, or one minute for HTTP",
        reason="Home Assistant and satellites keep connections open.",
    )
    stall: float = option(
        "--stall-timeout",
        default=60.0,
        kind=Number(0, 10**7),
        metavar="SECONDS",
        help_text="maximum time for which a client reads nothing while audio is buffered for it; 0 means no limit",
        reason="Because of the buffers at both ends, a client that plays audio in real time reads every 4 to 6 "
        "seconds, so a limit below 10 seconds is too short. One minute allows a client to be ten times slower. If a "
        "client pauses for longer, its audio may never be played.",
    )
