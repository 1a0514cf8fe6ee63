"""Sentences of phoneme ids that are too long to be encoded at once are cut into parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.engine.cutting import cut_ids

ID_MAP = {"_": [0], "^": [1], "$": [2], " ": [3], ",": [4], "a": [5], "b": [6], "c": [7, 8]}


def ids_of(phonemes: str) -> list[int]:
    """Return the ids of `phonemes` in the layout of Piper's phonemizers: a begin id, the phonemes with a pad after
    each, and an end id."""
    return [1, 0, *[number for phoneme in phonemes for number in (*ID_MAP[phoneme], 0)], 2]


@pytest.mark.parametrize(
    ("phonemes", "limit", "parts"),
    [
        ("abc", 99, ["abc"]),
        ("abc", None, ["abc"]),
        ("aaa bbb aaa", 19, ["aaa bbb ", "aaa"]),
        ("aa bb, aa b aa", 21, ["aa bb,", " aa b aa"]),
        ("a, aaaaaaaaaa", 13, ["a, ", "aaaaa", "aaaaa"]),
    ],
)
def test_a_long_sentence_is_cut_at_a_pause_or_space(phonemes: str, limit: int | None, parts: list[str]) -> None:
    """A sentence is cut after the last pause in the second half of a part, or else after a space, or else after a
    phoneme."""
    cut = list(cut_ids(ids_of(phonemes), limit, ID_MAP))
    assert cut == [ids_of(part) for part in parts]
    assert all(len(part) <= (limit or 99) for part in cut)


@pytest.mark.parametrize("ids", [[5, 6] * 50, [1, 5] * 50, []])
def test_an_unknown_form_is_not_cut(ids: list[int]) -> None:
    """Only ids in the layout of Piper's phonemizers are cut. Other ids are left unchanged."""
    assert list(cut_ids(ids, 10, ID_MAP)) == [ids]
    assert list(cut_ids(ids, 10, {"a": [5]})) in ([ids], [ids[at : at + 10] for at in range(0, len(ids), 10)])


@given(st.text("ab ,c", max_size=300), st.integers(10, 60))
def test_nothing_is_lost(phonemes: str, limit: int) -> None:
    """No part is longer than the limit, and the parts together contain all phonemes in order."""
    parts = list(cut_ids(ids_of(phonemes), limit, ID_MAP))
    assert all(len(part) <= limit for part in parts)
    assert [number for part in parts for number in part[2:-1]] == ids_of(phonemes)[2:-1]
