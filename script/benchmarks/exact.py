"""Measures the difference between speech decoded in chunks and the output of the exported graph.

The difference is measured for each chunk size, with the small test voices and the bundled voice. Chunk sizes are in
frames. Differences are in 16-bit steps, after the sentence has been scaled to full scale. If a difference exceeds the
limit used in the tests, the exit code is 1."""

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
    parser.add_argument(
        "--voice", choices=[*SMALL, REAL], action="append", help="measure only this voice; may be repeated"
    )
    names = parser.parse_args().voice or [*SMALL, REAL]
    with tempfile.TemporaryDirectory() as folder:
        voices = FixtureVoices(Path(folder))
        found = {name: chunk_differences(voices, name, _SIZES) for name in names}
    header = ["", *("whole" if size == max(_SIZES) else str(size) for size in _SIZES)]
    rows = [[name, *(f"{apart[size]:.2f}" for size in _SIZES)] for name, apart in found.items()]
    show("Largest difference for each chunk size", header, rows)
    wrong = [name for name, apart in found.items() if not max(apart.values()) <= allowed_difference(name)]
    limits = f"{allowed_difference(REAL)} for the bundled voice, {allowed_difference(SMALL[0])} for the small ones"
    print(f"\nAllowed: {limits}. Voices that exceed this: {', '.join(wrong) or 'none'}.")
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
