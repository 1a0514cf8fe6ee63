"""The command `phonemes`: shows how text is spoken, for authors of lexicons and for tests."""

import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from wyoming_piper_serial.cli import FAILED, INTERRUPTED, PROGRAM
from wyoming_piper_serial.cli.arguments import CONFIG
from wyoming_piper_serial.cli.base_parser import failed
from wyoming_piper_serial.cli.command_parser import CommandParser, settings_of
from wyoming_piper_serial.exceptions import PiperSerialError, SettingsError, VoiceFileError
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers, Pronunciation
from wyoming_piper_serial.pronunciation import Reader, Readers
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import Group, grouped
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.lexicons import Lexicons
from wyoming_piper_serial.voices.scanner import FolderScanner

_GROUPS = (Group.VOICES, Group.TEXT)  # the groups of server options that this command also accepts
_OTHERS = ("speaker", "preload", "cache_dir")  # fields in these groups that have no effect here

_VOICE = grouped(Settings)[Group.VOICES]["voice"]
_HELP = {
    "voice": replace(
        _VOICE, help_text="name of the voice or the preset, or a language code", default_text="the server's"
    )
}


def main(argv: Sequence[str]) -> int:
    """Runs `phonemes ...` and returns the exit code: 0, 1 if a sentence cannot be spoken or reading or writing fails, 2
    if an argument is invalid, the voice cannot be used or the input or output is closed, or 130 after Ctrl-C."""
    args, texts = parser().parse_texts(argv[1:])
    settings = settings_of(args)
    logging.basicConfig(level=logging.WARNING, format=f"{PROGRAM}: %(message)s")
    phonemizers = Phonemizers(settings.limits)
    try:
        return _run(_reader(settings, phonemizers), texts, as_json=args.json)
    except VoiceFileError as error:
        return failed(f"the voice {error.voice} cannot be used: {error.detail}")
    except PiperSerialError as error:
        return failed(str(error))
    except BrokenPipeError:  # raised if the program that reads the output, such as `head`, has exited
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"{PROGRAM}: {error.strerror or error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        phonemizers.close()


def parser() -> CommandParser:
    """Returns the parser for all arguments except the texts."""
    made = CommandParser(
        prog=f"{PROGRAM} phonemes",
        usage=f"{PROGRAM} phonemes [OPTION ...] [TEXT ...]",
        description="Show how text is spoken: its sentences, their spoken forms, and their phonemes.\n"
        "No server is needed, and the model is not loaded. Without TEXT, each line of standard\n"
        "input is treated as one text.",
    )
    made.add_argument("--json", action="store_true", help="print one JSON object per text, each on one line")
    made.add_server_options([CONFIG])
    for group, options in grouped(Settings).items():
        if group in _GROUPS:
            made.add_server_options(
                (_HELP.get(path, option) for path, option in options.items() if path not in _OTHERS), group=group.value
            )
    return made


def _reader(settings: Settings, phonemizers: Phonemizers) -> Reader:
    """Returns a `Reader` for the voice in the settings. Raises PiperSerialError if the voice cannot be used."""
    catalogue = FolderScanner.from_settings(settings).look() or Catalogue([])
    default = catalogue.default_or(settings.voice)
    entry = catalogue.find(default, default=default)
    lexicons = Lexicons.from_settings(settings)
    lexicons.look()
    lexicons.check(entry.config)
    return Readers(settings, phonemizers).reader(entry, lexicons.current)


def _run(reader: Reader, texts: Sequence[str], *, as_json: bool) -> int:
    if sys.stdout is None or (sys.stdin is None and not texts):
        raise SettingsError("standard input or output is closed")
    code = 0
    for text in map(_decoded, texts) if texts else _lines():
        sentences = [reader.pronunciation(sentence).result() for sentence in reader.sentences(text)]
        output = _as_json(text, sentences) if as_json else _as_text(sentences)
        # Writes UTF-8 bytes, because the encoding of standard output may not be able to represent phonemes.
        sys.stdout.buffer.write(output.encode())
        sys.stdout.buffer.flush()
        if not all(sentence.phonemes for sentence in sentences):
            code = FAILED
    return code


def _decoded(argument: str) -> str:
    """Returns a command-line argument with invalid UTF-8 replaced by U+FFFD."""
    return os.fsencode(argument).decode(errors="replace")


def _lines() -> Iterator[str]:
    """Yields each line of standard input as it arrives, with invalid UTF-8 replaced by U+FFFD."""
    for line in sys.stdin.buffer:
        yield line.decode(errors="replace").removesuffix("\n").removesuffix("\r")


def _as_json(text: str, sentences: Sequence[Pronunciation]) -> str:
    return json.dumps({"text": text, "sentences": [one._asdict() for one in sentences]}, ensure_ascii=False) + "\n"


def _as_text(sentences: Sequence[Pronunciation]) -> str:
    return "".join(
        f"{name:10}{value}\n"
        for written, spoken, phonemes in sentences
        for name, value in (("written", written), ("spoken", spoken), *(("phonemes", run) for run in phonemes))
    )
