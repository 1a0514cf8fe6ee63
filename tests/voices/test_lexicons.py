"""Lexicon files are read at startup and after each change. Each fault in a file is reported once."""

import gc
import logging
import os
from pathlib import Path

import pytest

from tests.fakes import voice_config, voice_entry
from wyoming_piper_serial.settings import Settings, TextSettings
from wyoming_piper_serial.voices import lexicons as module
from wyoming_piper_serial.voices.lexicons import NAME, Lexicons


def spoken(lexicons: Lexicons, text: str = "Geis") -> str:
    return lexicons.current.for_voice("en_US", "voice").apply(text)


def test_lexicons_are_those_of_the_option_and_of_the_folders(tmp_path: Path) -> None:
    """`--lexicon` files take precedence over `lexicon.txt` in the voice folders, and earlier files over later ones."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, text in ((one, "Geis = first\nb = first"), (two, "Geis = second\nb = second\nc = second")):
        folder.mkdir()
        (folder / NAME).write_text(text)
    extra = tmp_path / "extra.pls"
    extra.write_text("<lexicon><lexeme><grapheme>Geis</grapheme><alias>extra</alias></lexeme></lexicon>")
    settings = Settings(data_dirs=(one, two), download_dir=tmp_path / "none", text=TextSettings(lexicons=(extra,)))
    lexicons = Lexicons.from_settings(settings)
    lexicons.look()
    assert spoken(lexicons, "Geis b c") == "extra first second"


def test_files_can_change(tmp_path: Path) -> None:
    """If the settings change to different lexicon files, the next call to `look` reads the new files."""
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("Geis = one")
    two.write_text("Geis = two")
    lexicons = Lexicons([one, two])
    lexicons.look()
    assert spoken(lexicons) == "one"
    for files, expected in (((two,), "two"), ((two, one), "two"), ((one, two), "one"), ((), "Geis")):
        lexicons.use(Settings(download_dir=tmp_path, text=TextSettings(lexicons=files)))
        lexicons.look()
        assert spoken(lexicons) == expected


def test_changed_file_is_read_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A new, changed or removed lexicon file is detected. An unchanged file is not read again."""
    lexicons = Lexicons(folders=[tmp_path])
    path = tmp_path / NAME
    caplog.set_level(logging.INFO)
    lexicons.look()
    assert spoken(lexicons) == "Geis"
    assert caplog.messages == []
    path.write_text("Geis = gice")
    lexicons.look()
    before = lexicons.current
    assert spoken(lexicons) == "gice"
    lexicons.look()
    assert lexicons.current is before
    path.write_text("Geis = geese")
    lexicons.look()
    assert spoken(lexicons) == "geese"
    path.unlink()
    lexicons.look()
    assert spoken(lexicons) == "Geis"
    assert caplog.messages == ["Lexicon: 1 entry", "Lexicon: 1 entry", "Lexicon: 0 entries"]


def test_fault_is_one_warning_with_file_and_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each fault in a lexicon file is logged once, and again only when the file changes."""
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("a = b\nbad")
    two.write_text("worse")
    lexicons = Lexicons([one, two])
    lexicons.look()
    lexicons.look()
    reason = "expected WORD = REPLACEMENT"
    assert caplog.messages == [f"Lexicon {one}, line 2: {reason}", f"Lexicon {two}, line 1: {reason}"]
    caplog.clear()
    two.write_text("still bad")
    lexicons.look()
    assert caplog.messages == [f"Lexicon {two}, line 1: {reason}"]


def test_number_of_warnings_is_bounded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The number of warnings about a lexicon file is limited, even if every line has a fault."""
    path = tmp_path / NAME
    path.write_text("bad\n" * 900)
    Lexicons([path]).look()
    assert len(caplog.messages) == 21
    assert caplog.messages[-1] == f"Lexicon {path}: 880 more faults"


def test_unreadable_and_large_files_are_faults(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lexicon file that is missing, too large or not a regular file is not used. The other lexicon files are used."""
    monkeypatch.setattr(module, "MAX_BYTES", 1 << 20)
    missing, pipe, large = tmp_path / "missing.txt", tmp_path / "pipe.txt", tmp_path / "large.txt"
    os.mkfifo(pipe)
    large.write_bytes(b"#" * ((1 << 20) + 1))
    (tmp_path / NAME).write_text("Geis = gice")
    lexicons = Lexicons([missing, pipe, large], [tmp_path])
    lexicons.look()
    assert spoken(lexicons) == "gice"
    assert caplog.messages == [
        f"Lexicon {missing}: No such file or directory; the file is ignored",
        f"Lexicon {pipe}: it is not a regular file; the file is ignored",
        f"Lexicon {large}: it has more than 1 MiB; the file is ignored",
    ]


def test_unknown_phonemes_are_named_when_a_voice_is_loaded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """If a voice lacks phonemes that a lexicon uses, a warning with the file, the line and the phonemes is logged when
    the voice is loaded and after each change of the lexicon."""
    path = tmp_path / NAME
    path.write_text("Geis = /ax1/\nb = /aa/\n[de]\nc = /y/\n")
    lexicons = Lexicons(folders=[tmp_path])
    lexicons.look()
    entry = voice_entry("voice", phoneme_id_map={"_": [0], "^": [1], "$": [2], "a": [3], "ɡ": [4]})
    assert caplog.messages == []
    load = lexicons.checking(lambda _: ())
    load(entry)
    warning = f"Lexicon {path}, line 1: voice voice lacks phonemes of 'Geis', which are skipped: x 1"
    assert caplog.messages == [warning]
    path.write_text("Geis = /ax/\nb = /ag/\n")
    lexicons.look()
    assert caplog.messages[1:] == [
        f"Lexicon {path}, line 1: voice voice lacks phonemes of 'Geis', which are skipped: x"
    ]


def test_voices_are_checked_by_their_own_phonemes(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """A voice that has all phonemes of the lexicon causes no warning."""
    (tmp_path / NAME).write_text("Geis = /a/")
    lexicons = Lexicons(folders=[tmp_path])
    lexicons.look()
    lexicons.check(voice_config(phoneme_id_map={"_": [0], "^": [1], "$": [2], "a": [3]}))
    assert caplog.messages == []


def test_removed_voices_are_not_checked_again(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """The lexicons do not keep the configs of voices that have been removed in memory."""
    (tmp_path / NAME).write_text("Geis = /x/")
    lexicons = Lexicons(folders=[tmp_path])
    lexicons.look()
    lexicons.check(voice_config())
    gc.collect()
    caplog.clear()
    (tmp_path / NAME).write_text("Geis = /xx/")
    lexicons.look()
    assert [message for message in caplog.messages if "lacks phonemes" in message] == []
