"""How far speech in chunks is from the graph as exported: every test voice and the real one, in chunks of every size.

Sizes are in frames, differences in 16-bit steps of a sentence scaled to full scale. Fails where the tests would.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from report import show

from tests.fixture_voices import CHUNKS, REAL, SMALL, FixtureVoices, allowed_difference, chunk_differences

_MORE_CHUNKS = (3, 13, 40, 80)
_SIZES = sorted({*CHUNKS, *_MORE_CHUNKS})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", choices=[*SMALL, REAL], action="append", help="only this one; may be repeated")
    names = parser.parse_args().voice or [*SMALL, REAL]
    with tempfile.TemporaryDirectory() as folder:
        voices = FixtureVoices(Path(folder))
        found = {name: chunk_differences(voices, name, _SIZES) for name in names}
    header = ["", *("whole" if size == max(_SIZES) else str(size) for size in _SIZES)]
    rows = [[name, *(f"{apart[size]:.2f}" for size in _SIZES)] for name, apart in found.items()]
    show("Largest difference by the frames of a chunk", header, rows)
    wrong = [name for name, apart in found.items() if not max(apart.values()) <= allowed_difference(name)]
    limits = f"{allowed_difference(REAL)} for the real voice, {allowed_difference(SMALL[0])} for the small ones"
    print(f"\nAllowed: {limits}. Further off: {', '.join(wrong) or 'none'}.")
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
