"""Valid conversations (sequences of client events), and functions that change them at random."""

import json
import random
import re
from collections.abc import Callable
from itertools import pairwise

from wyoming.event import Event
from wyoming.info import Describe, SelectProgram
from wyoming.ping import Ping
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeVoice

Conversation = list[bytes]
"""The bytes that a client sends, as a list of lines, data blocks and payloads."""

_LENGTHS = [
    b"-1",
    b"0",
    b"1",
    b"3",
    b"65536",
    b"99999999",
    b"1" + b"0" * 30,
    b"1e9",
    b"2.5",
    b"null",
    b'"7"',
    b"[]",
    b"NaN",
]
_VALUES = [
    b"null",
    b"true",
    b"0",
    b"-7.5",
    b'""',
    b'"x"',
    b"[]",
    b"{}",
    b'["a"]',
    b'{"name": 1}',
    b"1e999",
    b'"\\ud800"',
]
_PIECES = [
    b"\n",
    b"\r\n\r\n",
    b"{",
    b"}",
    b'"',
    b"\x00",
    b"\xff\xfe",
    b"\xf0\x9f",
    b"[" * 2000,
    b'{"a":' * 3000,
    b"GET / HTTP/1.1\r\n",
]


def written(*events: Event, inline: bool = False) -> Conversation:
    """Encode events.

    If `inline` is false, the data is in a separate block, as in the wyoming library. If `inline` is true, the data is
    in the header line, as in scripts.
    """
    pieces = []
    for event in events:
        if inline:
            pieces.append(json.dumps({"type": event.type, "data": event.data}).encode() + b"\n")
            continue
        data = json.dumps(event.data).encode() if event.data else b""
        header = {"type": event.type, "version": "1.8.0", "data_length": len(data)}
        if event.payload:
            header["payload_length"] = len(event.payload)
        pieces += [json.dumps(header).encode() + b"\n", data, event.payload or b""]
    return [piece for piece in pieces if piece]


def conversations(voice_name: str) -> list[Conversation]:
    """Return conversations like those of Home Assistant, satellites, scripts and gateways.

    Their texts are short, so that many conversations can be tested.
    """
    voice = SynthesizeVoice(name=voice_name)
    spoken = [SynthesizeStart(voice=voice), *map(SynthesizeChunk, ("Hi", "!", " ...", " ?!")), SynthesizeStop()]
    stream = [event.event() for event in spoken]
    silent = Synthesize(text="... !?", voice=voice).event()
    return [
        written(Describe().event()),
        written(Describe().event(), Ping(text="there?").event(), SelectProgram(name="piper").event(), inline=True),
        written(Synthesize(text="Yes.").event()),
        written(silent, silent, Ping().event(), silent),
        written(silent, inline=True),
        written(*stream),
        written(*stream[:-1], silent, stream[-1]),
        written(stream[0], SynthesizeChunk("?!").event(), inline=True),
        written(Event("audio-chunk", {"rate": 16000, "width": 2, "channels": 1}, bytes(500)), Describe().event()),
    ]


def mutated(chance: random.Random, conversation: Conversation) -> bytes:
    """Return the bytes of the conversation after one to three random changes.

    In two thirds of the cases, the lengths of data blocks are corrected afterwards, so that the server parses the
    changed data.
    """
    pieces = list(conversation)
    for _ in range(chance.choice([1, 1, 2, 3])):
        pieces = chance.choice(_MUTATIONS)(chance, pieces) or [b"\n"]
    if chance.randrange(3):
        pieces = _with_right_lengths(pieces)
    return b"".join(pieces)


def _with_right_lengths(pieces: Conversation) -> Conversation:
    mended = list(pieces)
    for at, (header, block) in enumerate(pairwise(pieces)):
        if block[:1] == b"{" and not block.endswith(b"\n"):
            mended[at] = re.sub(rb'("data_length": )\d+', b"\\g<1>%d" % len(block), header)
    return mended


def _flip(chance: random.Random, pieces: Conversation) -> Conversation:
    at = chance.randrange(len(pieces))
    piece = bytearray(pieces[at] or b"\n")
    piece[chance.randrange(len(piece))] ^= 1 << chance.randrange(8)
    return [*pieces[:at], bytes(piece), *pieces[at + 1 :]]


def _cut_off(chance: random.Random, pieces: Conversation) -> Conversation:
    whole = b"".join(pieces)
    return [whole[: chance.randrange(len(whole) + 1)]]


def _drop(chance: random.Random, pieces: Conversation) -> Conversation:
    at = chance.randrange(len(pieces))
    return pieces[:at] + pieces[at + 1 :]


def _repeat(chance: random.Random, pieces: Conversation) -> Conversation:
    at = chance.randrange(len(pieces))
    return pieces[:at] + [pieces[at]] * chance.choice([2, 2, 40]) + pieces[at + 1 :]


def _reorder(chance: random.Random, pieces: Conversation) -> Conversation:
    return chance.sample(pieces, len(pieces))


def _insert(chance: random.Random, pieces: Conversation) -> Conversation:
    at = chance.randrange(len(pieces) + 1)
    return [*pieces[:at], chance.choice([*_PIECES, chance.randbytes(chance.randrange(300))]), *pieces[at:]]


def _replacing(pattern: bytes, values: list[bytes]) -> Callable[[random.Random, Conversation], Conversation]:
    def replace(chance: random.Random, pieces: Conversation) -> Conversation:
        matching = [at for at, piece in enumerate(pieces) if re.search(pattern, piece)]
        if not matching:
            return pieces
        at = chance.choice(matching)
        value = chance.choice(values)
        return [*pieces[:at], re.sub(pattern, lambda found: found[1] + value, pieces[at], count=1), *pieces[at + 1 :]]

    return replace


_VALUE = rb'(?:"[^"]*"|\{[^{}]*\})'
_MUTATIONS = [
    *(_flip, _cut_off, _drop, _repeat, _reorder, _insert),
    *(_replacing(rb'(_length": )\d+', _LENGTHS), _replacing(rb'("type": )' + _VALUE, _VALUES)),
    *[_replacing(rb'("(?:data|text|voice|name)": )' + _VALUE, _VALUES)] * 4,
]
