"""Estimates how long the speech of a text lasts, based on the sentences encoded so far."""

_TYPICAL = 0.06  # Seconds of English speech per character at length scale 1, used until a sentence has been encoded.
_IDS_PER_CHARACTER = 2  # Each character is assumed to have two ids: a phoneme and a pad.
_WEIGHT = 8  # Each sentence moves the estimate an eighth of the way towards the pace of the sentence.


def characters_of(ids: int) -> int:
    """Returns the approximate number of characters of a sentence with `ids` phoneme ids."""
    return max(1, ids // _IDS_PER_CHARACTER)


class SpeakingPace:
    """Seconds of speech per character for each voice. Characters are counted as in `characters_of`."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}

    def add(self, voice: str, characters: int, seconds: float) -> None:
        """Records that the speech of a sentence of `characters` characters lasts `seconds` at length scale 1."""
        found = seconds / characters
        known = self._known.setdefault(voice, found)
        self._known[voice] = known + (found - known) / _WEIGHT

    def seconds_per_character(self, voice: str) -> float:
        """Returns the seconds of speech per character at length scale 1."""
        return self._known.get(voice, _TYPICAL)
