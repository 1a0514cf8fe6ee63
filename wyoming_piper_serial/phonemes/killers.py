"""Remembers for ten minutes which texts made a phonemizer crash or fail. The caller supplies the current time."""

from collections import OrderedDict
from hashlib import blake2b

_KEPT = 600.0  # Time in seconds for which a text is remembered. Clients often repeat a failed request soon.
_MAX = 1000  # Maximum number of remembered texts. Their digests take about 160 kB.


class Killers:
    """A bounded set of digests of the texts that made a phonemizer fail. The texts themselves are private and are not
    stored."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()

    def add(self, voice: str, text: str, now: float) -> str:
        """Adds a text. Returns its digest for use in log lines."""
        digest = _digest(voice, text)
        self._until[digest] = now + _KEPT
        self._until.move_to_end(digest)
        while len(self._until) > _MAX:
            self._until.popitem(last=False)
        return digest

    def known(self, voice: str, text: str, now: float) -> bool:
        """Returns whether `text` was added for this voice in the last ten minutes and has not been displaced by newer
        texts."""
        return self._until.get(_digest(voice, text), now) > now


def _digest(voice: str, text: str) -> str:
    return blake2b(f"{voice}\0{text}".encode(errors="surrogatepass"), digest_size=8).hexdigest()
