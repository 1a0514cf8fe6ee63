"""How long the speech of a text is, learnt from the sentences that were encoded."""

_TYPICAL = 0.06  # seconds of speech for each character at length scale 1; of English, until something is known
_WEIGHT = 8  # sentences after which most of the old pace is forgotten


class SpeakingPace:
    """Seconds of speech for each character, by voice. A character is two phoneme ids, about."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}

    def add(self, voice: str, characters: int, seconds: float) -> None:
        """Records that a sentence of so many characters has `seconds` of speech at length scale 1."""
        found = seconds / characters
        known = self._known.setdefault(voice, found)
        self._known[voice] = known + (found - known) / _WEIGHT

    def seconds_per_character(self, voice: str) -> float:
        """Returns the seconds of speech for each character at length scale 1."""
        return self._known.get(voice, _TYPICAL)
