"""Limits for everything that can grow, and for the time that the server waits for a client."""

from dataclasses import dataclass

from wyoming_piper_serial.settings.option import Number, Whole, option

MAX_BRACKETS = 10_000  # maximum lists and objects in a client's JSON: parsing more would block the event loop


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits for everything that can grow."""

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
        reason="On a small machine, the last of 64 short answers starts about 10 seconds late; a later one is no use.",
    )
    max_queue_per_address: int | None = option(
        "--max-queue-per-address",
        default=None,
        default_text="three quarters of --max-queue",
        kind=Whole(1, 1 << 16),
        metavar="N",
        help_text="maximum requests from one address that need the voice at the same time; an IPv6 address stands for "
        "its /64",
        reason="With a limit, no client can have all others refused. It is high, because everything behind Home "
        "Assistant or a proxy has one address.",
    )
    queue_timeout: float = option(
        "--queue-timeout",
        default=60.0,
        kind=Number(0, 86400),
        metavar="SECONDS",
        help_text="maximum time from a request's first sentence to its first step, including the time to load its "
        "voice; 0 means no limit",
        reason="After a minute, no user still waits for the answer.",
    )
    load_timeout: float = option(
        "--load-timeout",
        default=120.0,
        kind=Number(0, 86400),
        metavar="SECONDS",
        help_text="maximum time to load a voice; 0 means no limit",
        reason="A voice loads in some seconds, and in some twenty from a slow card. After two minutes, its disk is "
        "probably broken.",
    )
    request_timeout: float = option(
        "--request-timeout",
        default=7200.0,
        kind=Number(0, 604800),
        metavar="SECONDS",
        help_text="maximum duration of a request; 0 means no limit",
        reason="The longest text is an hour of speech, and a client may read it as slowly as it plays it. The limit is "
        "twice that time.",
    )
    step_timeout: float = option(
        "--step-timeout",
        default=60.0,
        kind=Number(0, 86400),
        metavar="SECONDS",
        help_text="maximum duration of one model run before the server reports itself unhealthy; 0 means no limit",
        reason="On a small computer, the longest sentence takes half a second to encode; with a model that cannot be "
        "cut it takes about ten seconds.",
    )
    max_requests_per_connection: int = option(
        "--max-requests-per-connection",
        default=32,
        kind=Whole(1, 1 << 16),
        metavar="N",
        help_text="maximum requests waiting on one connection, behind the current one",
        reason="A client that plays what it requests needs only a few requests ahead.",
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
        default_text="half of all; no limit for this machine",
        kind=Whole(1, 1 << 20),
        metavar="N",
        help_text="maximum open connections from one address or IPv6 /64; a number counts for this machine too",
        reason="With a limit, no other machine can take all connections. It is as high as half of them, because all "
        "clients behind a proxy or a container's bridge have one address. This machine is exempt: proxies run on it, "
        "and its users can do harm in other ways.",
    )
    max_ahead: float = option(
        "--max-ahead",
        default=30.0,
        kind=Number(1, 3600),
        metavar="SECONDS",
        help_text="maximum audio made ahead of a client that reads slowly",
        reason="30 seconds at 22,050 Hz take 1.3 MB.",
    )
    max_buffered: int = option(
        "--max-buffered",
        default=256,
        kind=Whole(1, 1 << 20),
        metavar="MB",
        help_text="maximum memory of waiting text, encoded sentences and unread audio of all requests",
        reason="Sixty listeners, each with 3 MB for the sentence that is decoded and 1.3 MB of audio ahead: more than "
        "most machines can supply.",
    )
    max_voices: int = option(
        "--max-voices",
        default=16,
        kind=Whole(1, 1000),
        metavar="N",
        help_text="maximum voices in memory; the least recently used one is unloaded first, the default voice last",
        reason="`max_memory` is the bound that matters, but each voice has three threads for each core: hundreds of "
        "voices would have thousands of threads.",
    )
    max_memory: int | None = option(
        "--max-memory",
        default=None,
        default_text="half of what is free at the start",
        kind=Whole(1, 1 << 30),
        metavar="MB",
        help_text="maximum memory of loaded voices, by estimate",
        reason="The other half is for speech itself and for other programs. The estimate for a voice is 1.2 times its "
        "model file plus 20 MB (92 MB for a medium voice of 60 MB; measured: 70). The 100 to 180 MB that all voices "
        "share are not counted.",
    )
    idle_unload: float = option(
        "--idle-unload",
        default=0.0,
        kind=Number(0, 10**7),
        metavar="SECONDS",
        help_text="time after which an unused voice is unloaded, except the default voice; 0 means never",
        reason="Memory that no other program needs is best used for voices. The default voice stays in memory, so that "
        "the first request of the day is as fast as any.",
    )
    max_header: int = option(
        "--max-header",
        default=64 * 1024,
        kind=Whole(256, 1 << 24),
        metavar="BYTES",
        help_text="maximum length of an event's header line",
        reason="asyncio's own line limit, which applies in other Wyoming programs.",
    )
    max_data: int = option(
        "--max-data",
        default=512 * 1024,
        kind=Whole(256, 1 << 28),
        metavar="BYTES",
        help_text="maximum length of an event's data block, or of an HTTP request's body",
        reason="Enough for `max_text` characters of any script, even if each is escaped.",
    )
    max_payload: int = option(
        "--max-payload",
        default=16 * 1024 * 1024,
        kind=Whole(0, 1 << 40),
        metavar="BYTES",
        help_text="maximum length of an event's payload, which is skipped",
        reason="This server needs no payload and stores none, so a generous bound costs no memory.",
    )

    @property
    def queue_per_address(self) -> int:
        """`max_queue_per_address`, or its default."""
        return self.max_queue_per_address or -(-3 * self.max_queue // 4)


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long the server waits for a client, in seconds; 0 means no limit."""

    event: float = option(
        "--event-timeout",
        default=10.0,
        kind=Number(0, 10**7),
        metavar="SECONDS",
        help_text="maximum time from an event's first byte to its last; 0 means no limit",
        reason="Clients send an event at once, and a lost packet on bad Wi-Fi costs up to three seconds. Time in which "
        "the server is busy does not count.",
    )
    idle: float = option(
        "--idle-timeout",
        default=0.0,
        kind=Number(0, 10**7),
        metavar="SECONDS",
        help_text="time after which a connection without requests is closed; 0 means no limit",
        reason="Home Assistant and satellites keep connections open.",
    )
    stall: float = option(
        "--stall-timeout",
        default=60.0,
        kind=Number(0, 10**7),
        metavar="SECONDS",
        help_text="maximum time in which a client reads none of the audio that waits for it; 0 means no limit",
        reason="A client that plays audio as it arrives reads some every 4 to 6 seconds, as the buffers at both ends "
        "fill and empty, so less than 10 is too little. A minute allows for a reader ten times slower; the audio of a "
        "client that pauses for longer may never be played.",
    )
