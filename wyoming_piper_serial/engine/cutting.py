"""Splits sentences, represented as phoneme ids, that are too long to be encoded at once. All functions are pure."""

from collections.abc import Iterator, Mapping, Sequence

from wyoming_piper_serial.model.protocols import PhonemeIds

_BEGIN, _PAD, _END, _SPACE = "^", "_", "$", " "
_PAUSES = ",;:.!?"


# Maximum number of phoneme ids that are encoded at once, multiplied by the length scale, for slow speech. An encoded
# sentence needs memory in proportion to its duration: 600 phonemes (1200 ids) take 3 to 5 MB at length scale 1.
_MOST_IDS = 1200
_LEAST_IDS = 40  # lower bound of the limit at slow speeds; enough for a few words


def most_ids(length_scale: float) -> int | None:
    """Returns the maximum number of phoneme ids that are encoded at once.

    Returns `None` (no limit) at normal or higher speed, where the phonemizer's limit for a sentence is sufficient.
    """
    return None if length_scale <= 1 else max(_LEAST_IDS, int(_MOST_IDS / length_scale))


def cut_ids(ids: PhonemeIds, limit: int | None, id_map: Mapping[str, Sequence[int]]) -> Iterator[PhonemeIds]:
    """Splits `ids` into parts of at most `limit` ids, each with the begin and end marks. `None` means no limit.

    Each part except the last one ends in the second half of the allowed length: after the last pause there, otherwise
    after the last space, otherwise after the last phoneme. `ids` must have the format of Piper's phonemizers: begin,
    pad, phoneme, pad, ..., end. Ids without the begin and end marks of `id_map` are not split.
    """
    begin = [*id_map.get(_BEGIN, ()), *id_map.get(_PAD, ())]
    end = list(id_map.get(_END, ()))
    inner = list(ids[len(begin) : len(ids) - len(end)])
    if limit is None or len(ids) <= limit or [*begin, *inner, *end] != list(ids):
        yield ids
        return
    room = max(2, limit - len(begin) - len(end))
    while len(inner) > room:
        cut = _cut(inner, room, id_map)
        yield [*begin, *inner[:cut], *end]
        inner = inner[cut:]
    yield [*begin, *inner, *end]


def _cut(inner: Sequence[int], room: int, id_map: Mapping[str, Sequence[int]]) -> int:
    """Returns how many ids of `inner` form the first part: at most `room`."""
    pads = set(id_map.get(_PAD, ()))
    ends = [at for at in range(room, room // 2, -1) if inner[at - 1] in pads]
    for marks in (_PAUSES, _SPACE):
        wanted = {number for mark in marks for number in id_map.get(mark, ())}
        for at in ends:
            if inner[at - 2] in wanted:
                return at
    return ends[0] if ends else room
