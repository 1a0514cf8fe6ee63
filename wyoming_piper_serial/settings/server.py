"""Settings of the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from wyoming_piper_serial.settings.http import Http
from wyoming_piper_serial.settings.limits import Limits, Timeouts
from wyoming_piper_serial.settings.option import Flag, Group, Number, Text, Whole, option, section
from wyoming_piper_serial.settings.sharing import Network, Sharing
from wyoming_piper_serial.settings.speech import Preset, SynthesisSettings, TextSettings

DEFAULT_VOICE = "en_US-joe-medium"


@dataclass(frozen=True, kw_only=True)
class Downloading:
    """Options for downloading public voices."""

    offered: bool = option(
        "--offer-downloads",
        default=False,
        kind=Flag(),
        help_text="offer all public voices, and download a voice when it is first requested",
        reason="A voice has 60 MB or more, and any client could request all of them.",
    )
    offline: bool = option(
        "--offline",
        default=False,
        kind=Flag(),
        help_text="do not download anything, even if another option requests it",
        reason="Even without this option, a voice is downloaded only when it is requested.",
    )
    url: str = option(
        "--voices-url",
        default="https://huggingface.co/rhasspy/piper-voices/resolve/main",
        kind=Text.BASE_URL,
        metavar="URL",
        help_text="base URL for downloads of public voices, to which the path of a file in the list is appended",
        reason="Piper publishes its voices there.",
    )
    update_list: bool = option(
        "--update-voices",
        default=False,
        kind=Flag(),
        help_text="download a new list of public voices when the server starts",
        reason="The list in the package is sufficient at first, and the server can start without a network.",
    )
    timeout: float = option(
        "--download-timeout",
        default=30.0,
        kind=Number(0.1, 3600),
        metavar="SECONDS",
        help_text="maximum time to connect to the download server and to wait for data from it",
        reason="Even a distant server responds within two seconds. A server that sends nothing for 30 seconds is "
        "probably down.",
    )


@dataclass(frozen=True, kw_only=True)
class Logging:
    """Options for the log, which is written to standard error."""

    debug: bool = option(
        "--debug",
        default=False,
        kind=Flag(),
        help_text="log events, state changes, scheduling decisions and steps, one line each",
        reason="These lines are needed only to diagnose a problem.",
    )
    format: str = option(
        "--log-format",
        default="%(asctime)s %(levelname)s %(message)s",
        kind=Text.LOG_FORMAT,
        metavar="FORMAT",
        help_text="format of log lines, as a format string for Python's logging; json writes one JSON object per line",
        reason="Module names are omitted, because they mean little to an operator.",
    )
    trace: Path | None = option(
        "--trace",
        default=None,
        default_text="none",
        kind=Text.PATH,
        metavar="FILE",
        help_text="write each scheduling decision and its cost to FILE as JSON lines, for script/replay",
        reason="The trace is needed only to find the cause of gaps. It contains no text and no addresses.",
    )
    trace_size: int = option(
        "--trace-size",
        default=50,
        kind=Whole(1, 10_000),
        metavar="MB",
        help_text="size at which FILE is renamed to FILE.1 and a new FILE is started",
        reason="This is enough for an hour with four listeners. The two files together take at most twice this size.",
    )
    log_text: bool = option(
        "--log-text",
        default=False,
        kind=Flag(),
        help_text="log the spoken text in addition to its length",
        reason="The text is private.",
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the server."""

    uri: str = option(
        "--uri",
        default="tcp://127.0.0.1:10200",
        metavar="URI",
        help_text="address to listen on: tcp://HOST:PORT, unix://PATH or stdio://",
        reason="Piper in Home Assistant usually uses port 10200. Other machines cannot connect to a loopback address.",
    )
    allow: tuple[Network, ...] = option(
        "--allow",
        default=(),
        default_text="all",
        kind=Text.NETWORK,
        metavar="CIDR",
        help_text="network whose machines may connect, such as 192.168.1.0/24",
        reason="With the default `uri`, other machines cannot connect at all.",
        repeated=True,
        reloaded=True,
    )
    proxy_from: tuple[Network, ...] = option(
        "--proxy-from",
        default=(),
        default_text="none",
        kind=Text.NETWORK,
        metavar="CIDR",
        help_text="network of proxies whose connections begin with a PROXY protocol header, such as 192.168.1.5; all "
        "their connections must have one",
        reason="The header contains the address of the client, so only proxies that the operator trusts may send one.",
        repeated=True,
        reloaded=True,
    )
    zeroconf: str | None = option(
        "--zeroconf",
        default=None,
        default_text="off",
        kind=Text.SERVICE_NAME,
        metavar="NAME",
        bare="piper",
        help_text="announce the server to Home Assistant under NAME, or as piper if no name is given",
        reason="With the default `uri`, other machines cannot connect.",
    )
    streaming: bool = option(
        "--no-streaming",
        default=True,
        kind=Flag(),
        help_text="do not offer text streams; if a client sends a stream anyway, it is spoken when its text is "
        "complete",
        reason="With text streams, speech starts as soon as the first sentence is complete.",
    )
    samples_per_chunk: int = option(
        "--samples-per-chunk",
        default=1024,
        kind=Whole(1, 1 << 20),
        metavar="N",
        help_text="maximum samples in an audio-chunk event",
        reason="The default is 46 ms at 22,050 Hz, as in wyoming-piper.",
    )
    drain_timeout: float = option(
        "--drain-timeout",
        default=5.0,
        kind=Number(0, 3600),
        metavar="SECONDS",
        help_text="maximum time to finish accepted requests after SIGTERM or Ctrl-C",
        reason="Container engines kill a process after 10 seconds.",
    )
    voice: str = option(
        "--voice",
        default=DEFAULT_VOICE,
        metavar="NAME",
        help_text="default voice for requests that do not name a voice",
        reason="This voice is installed with the server, so it need not be downloaded.",
        group=Group.VOICES,
    )
    is_voice_given: bool = False
    """Whether the operator set the default voice with `--voice`. If not, users can choose another default voice."""

    speaker: str | None = option(
        "--speaker",
        default=None,
        default_text="the voice's own",
        metavar="[VOICE=]NAME",
        help_text="name or number of the speaker of the default voice or of VOICE",
        reason="The config of a voice with several speakers determines its default speaker.",
        repeated=True,
        group=Group.VOICES,
    )
    """Speaker of the default voice. The option `--speaker` sets both this field and `speakers`."""

    speakers: Mapping[str, str] = field(default_factory=dict)
    """Speakers by name of a voice or preset, as set by `--speaker VOICE=NAME`. They take precedence over `speaker`."""

    presets: tuple[Preset, ...] = option(
        "--preset",
        default=(),
        default_text="none",
        kind=Text.PRESET,
        metavar="NAME=VOICE,...",
        help_text="additional name for a voice with different settings, such as "
        "joe-slow=en_US-joe-medium,length_scale=1.3",
        reason="Only the operator knows which names and settings are needed.",
        repeated=True,
        group=Group.VOICES,
        reloaded=True,
    )
    preload: tuple[str, ...] = option(
        "--preload",
        default=(),
        default_text="none",
        metavar="NAME",
        help_text="voice to load in advance, after the default voice and while no request needs a voice; all means "
        "every voice",
        reason="A voice loaded in advance takes memory even if no client requests it.",
        repeated=True,
        group=Group.VOICES,
    )
    data_dirs: tuple[Path, ...] = option(
        "--data-dir",
        default=(),
        default_text="none",
        kind=Text.PATH,
        metavar="DIR",
        help_text="folder with voices; it may be created later",
        reason="The default voice needs no folder.",
        repeated=True,
        group=Group.VOICES,
    )
    download_dir: Path | None = option(
        "--download-dir",
        default=None,
        default_text="the first --data-dir, or your data folder",
        kind=Text.PATH,
        metavar="DIR",
        help_text="folder for downloaded voices; it is searched last unless it is a --data-dir",
        reason="With this default, the server finds voices downloaded with the command `voices download`.",
        group=Group.VOICES,
    )
    cache_dir: Path | None = option(
        "--cache-dir",
        default=None,
        default_text="your cache folder",
        kind=Text.PATH,
        metavar="DIR",
        help_text="folder for models that are cut into parts",
        reason="The parts can be stored in a cache folder because they can be created again at any time.",
        group=Group.VOICES,
    )
    downloads: Downloading = section(Downloading, Group.DOWNLOADS)
    synthesis: SynthesisSettings = section(SynthesisSettings, Group.SPEECH)
    text: TextSettings = section(TextSettings, Group.TEXT)
    sharing: Sharing = section(Sharing, Group.SCHEDULING)
    use_cuda: bool = option(
        "--use-cuda",
        default=False,
        kind=Flag(),
        help_text="run on an NVIDIA GPU; needs onnxruntime-gpu",
        reason="Most machines do not have such a GPU.",
        group=Group.SCHEDULING,
    )
    limits: Limits = section(Limits, Group.LIMITS)
    timeouts: Timeouts = section(Timeouts, Group.TIMEOUTS)
    http: Http = section(Http, Group.HTTP)
    logging: Logging = section(Logging, Group.LOGGING)

    def text_of(self, preset: Preset | None) -> TextSettings:
        """Returns the text settings for a preset, or for a voice if `preset` is `None`."""
        return self.text if preset is None else replace(self.text, **preset.text)

    @property
    def allowed_networks(self) -> tuple[Network, ...]:
        """Networks whose machines may connect. An empty tuple means all networks.

        The networks in `--proxy-from` are always included, so that the server answers the health checks of a proxy. The
        server checks the clients of a proxy by the clients' own addresses.
        """
        return (*self.allow, *self.proxy_from) if self.allow else ()

    @property
    def http_allowed_networks(self) -> tuple[Network, ...]:
        """Networks whose machines may connect to the HTTP server. An empty tuple means `allowed_networks`.

        The networks in `--proxy-from` are always included, as in `allowed_networks`.
        """
        return (*self.http.allow, *self.proxy_from) if self.http.allow else ()

    @property
    def download_folder(self) -> Path | None:
        """Folder for downloaded voices, which may not exist yet. `None` if no option sets it and the user has no home
        directory."""
        if self.download_dir is not None:
            return self.download_dir
        return self.data_dirs[0] if self.data_dirs else default_download_folder()


def default_download_folder() -> Path | None:
    """Returns the default folder for downloaded voices, which is in the user's data folder.

    On Linux, the data folder is `$XDG_DATA_HOME` or `~/.local/share`. Returns `None` if the user has no home directory.
    """
    from platformdirs import user_data_path  # noqa: PLC0415 -- not needed if an option sets the folder

    try:
        return user_data_path("wyoming-piper-serial") / "voices"
    except RuntimeError:
        return None
