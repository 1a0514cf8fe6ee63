"""A server whose lexicon changes while it runs."""

from pathlib import Path
from typing import Any

import httpx

from tests.integration.conftest import Start


def sentence(base: str, text: str) -> dict[str, Any]:
    response = httpx.post(f"{base}api/phonemes", json={"text": text}, timeout=60, trust_env=False)
    (only,) = response.raise_for_status().json()["sentences"]
    return dict(only)


def test_word_is_learned_while_the_server_runs(start: Start, small_voice: tuple[str, ...], tmp_path: Path) -> None:
    """Once the log reports that the changed lexicon has been read, its pronunciations are used for phonemes and for
    speech. Invalid lines in the lexicon are reported in the log."""
    lexicon = tmp_path / "words.txt"
    lexicon.write_text("Geis = guys\n")
    server = start(*small_voice, "--http-uri", "tcp://127.0.0.1:0", "--lexicon", str(lexicon), "--log-text")
    assert sentence(server.http, "Is it Geis?") == {
        "written": "Is it Geis?",
        "spoken": "Is it guys?",
        "phonemes": ["ɪz ɪt ɡˈaɪz?"],
    }
    lexicon.write_text("Geis = /ɡˈaɪs☃/\nGeis\n")
    server.wait_for_lines(f"Lexicon {lexicon}, line 2: expected WORD = REPLACEMENT")
    server.wait_for_lines(
        f"Lexicon {lexicon}, line 1: voice en_US-small-medium lacks phonemes of 'Geis', which are skipped: ☃"
    )
    server.wait_for_lines("Lexicon: 1 entry", 2)
    assert sentence(server.http, "Geis, is it?")["phonemes"] == ["ɡˈaɪs, ɪz ɪt?"]
    httpx.get(f"{server.http}api/text-to-speech", params={"text": "Geis."}, timeout=60, trust_env=False)
    server.wait_for_lines("Spoken: [[ɡˈaɪs☃]].")
    assert server.stop() == 0
