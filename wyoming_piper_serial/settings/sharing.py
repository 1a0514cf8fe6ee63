"""Settings that determine how clients share a voice and the hardware."""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from typing import Literal, get_args

from wyoming_piper_serial.settings.option import Choice, Text, Whole, option

Network = IPv4Network | IPv6Network
Schedule = Literal["deadline", "fifo"]
Release = Literal["gapless", "earliest"]


class Priority(Enum):
    """Priority of a request relative to other waiting requests."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@dataclass(frozen=True)
class NetworkPriority:
    """Priority of requests that come from a network and do not specify a priority themselves."""

    network: Network
    priority: Priority


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """Settings that determine how clients share a voice and the hardware."""

    schedule: Schedule = option(
        "--schedule",
        default="deadline",
        kind=Choice(get_args(Schedule)),
        metavar="deadline|fifo",
        help_text="scheduling: deadline (earliest playback deadline first) or fifo (one request after another)",
        reason="With `deadline`, every listener receives audio early. With `fifo`, a request waits until all earlier "
        "requests are complete.",
    )
    release: Release = option(
        "--release",
        default="gapless",
        kind=Choice(get_args(Release)),
        metavar="gapless|earliest",
        help_text="when the first audio of a request is sent: gapless (as soon as the rest can follow without a gap) "
        "or earliest (as soon as it is synthesized)",
        reason="On a slow machine, listeners would otherwise hear gaps. On a fast machine, there is no difference.",
    )
    priorities: tuple[NetworkPriority, ...] = option(
        "--priority",
        default=(),
        default_text="normal for all clients",
        kind=Text.NETWORK_PRIORITY,
        metavar="NETWORK=high|normal|low",
        help_text="priority of clients by address, such as 192.168.1.20=high or 10.0.0.0/8=low",
        reason="Only the operator knows which clients are more important.",
        repeated=True,
        reloaded=True,
    )
    instances: int = option(
        "--instances",
        default=1,
        kind=Whole(1, 64),
        metavar="N",
        help_text="copies of each voice in memory, each with its own lock",
        reason="One copy can use all cores. On a CPU, two copies are at most 10 % faster and need twice as much "
        "memory.",
    )
    threads: int | None = option(
        "--threads",
        default=None,
        default_text="one per core that the CPU quota and the CPU affinity allow",
        kind=Whole(1, 1024),
        metavar="N",
        help_text="threads for model runs, divided among the copies of a voice",
        reason="A model run can use all cores.",
    )
    batch_max: int | None = option(
        "--batch-max",
        default=None,
        default_text="1 on a CPU, 8 on a GPU",
        kind=Whole(1, 64),
        metavar="N",
        help_text="maximum chunks that one model run decodes together",
        reason="On a CPU, decoding chunks together is not faster than decoding them one by one.",
    )
