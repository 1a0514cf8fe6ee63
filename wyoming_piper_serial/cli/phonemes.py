"""The command `phonemes`: shows what a text becomes, for people who write lexicons and for tests."""

import argparse
import json
import logging
import os
import re
import sys
from collections.abc import Iterator, Sequence
from functools import partial

from wyoming_piper_serial.cli.arguments import CONFIG
from wyoming_piper_serial.cli.parser import PROGRAM, failed, parse_settings
from wyoming_piper_serial.exceptions import PiperSerialError, SettingsError, VoiceFileError
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers, Pronunciation
from wyoming_piper_serial.pronunciation import Reader, Readers
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import Flag, Group, grouped
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.lexicons import Lexicons
from wyoming_piper_serial.voices.scanner import FolderScanner

_FAILED = 1
_INTERRUPTED = 130  # exit code after Ctrl-C: 128 plus the number of SIGINT, as in a shell

_GROUPS = (Group.VOICES, Group.TEXT)  # the groups of server options that this command also accepts
_OTHERS = ("speaker", "preload", "cache_dir")  # fields in these groups that have no effect here

# argparse takes a text such as `-3.5°C` for an option. A mark that no argument can contain prevents this.
_NEGATIVE = re.compile(r"-[\d.,]")
_MARK = "\0"
_HELP = {"voice": "name of the voice or the preset, or a language code (default: the server's default voice)"}


def main(argv: Sequence[str]) -> int:
    """Runs `phonemes ...` and returns the exit code: 0, 1 if a sentence cannot be spoken, 2 for invalid arguments, or
    130 after Ctrl-C."""
    args = _parse(argv)
    settings = parse_settings(args.server_options)
    logging.basicConfig(level=logging.WARNING, format=f"{PROGRAM}: %(message)s")
    phonemizers = Phonemizers(settings.limits)
    try:
        return _run(_reader(settings, phonemizers), args)
    except VoiceFileError as error:
        return failed(f"the voice {error.voice} cannot be used: {error.detail}")
    except PiperSerialError as error:
        return failed(str(error))
    except BrokenPipeError:  # raised if the program that reads the output, such as `head`, has exited
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"{PROGRAM}: {error.strerror or error}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        phonemizers.close()


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    """Parses the arguments of the command.

    The field `server_options` of the result contains the unparsed server options for the server's parser.
    """
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} phonemes",
        usage=f"{PROGRAM} phonemes [OPTION ...] [TEXT ...]",
        description="Show what a text becomes: its sentences, what is spoken for them, and their phonemes. No server "
        "is needed, and the model is not loaded.",
        allow_abbrev=False,
    )
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="text; if omitted, each line of standard input is one")
    parser.add_argument("--json", action="store_true", help="print one JSON object per text, each on one line")
    add = partial(parser.add_argument, dest="server_options", default=[])
    add(*CONFIG.names, action="append", type=f"{CONFIG.names[0]}={{}}".format, metavar="FILE", help=CONFIG.help_text)
    for group, options in grouped(Settings).items():
        for path, option in options.items():
            if group not in _GROUPS or path in _OTHERS:
                continue
            name, text = option.names[0], _HELP.get(path, option.meaning).replace("%", "%%")
            if isinstance(option.kind, Flag):
                add(*option.names, action="append_const", const=name, help=text)
            else:
                metavar = option.metavar
                add(*option.names, action="append", type=f"{name}={{}}".format, metavar=metavar, help=text)
    args = parser.parse_args([f"{_MARK}{one}" if _NEGATIVE.match(one) else one for one in argv[1:]])
    args.texts = [text.removeprefix(_MARK) for text in args.texts]
    return args


def _reader(settings: Settings, phonemizers: Phonemizers) -> Reader:
    """Returns a reader for the voice in the settings. Raises PiperSerialError."""
    catalogue = FolderScanner.from_settings(settings).look() or Catalogue([])
    default = catalogue.default_or(settings.voice)
    entry = catalogue.find(default, default=default)
    lexicons = Lexicons.from_settings(settings)
    lexicons.look()
    lexicons.check(entry.config)
    return Readers(settings, phonemizers).reader(entry, lexicons.current)


def _run(reader: Reader, args: argparse.Namespace) -> int:
    if sys.stdout is None or (sys.stdin is None and not args.texts):
        raise SettingsError("standard input or output is closed")
    code = 0
    for text in map(_decoded, args.texts) if args.texts else _lines():
        sentences = [reader.pronunciation(sentence).result() for sentence in reader.sentences(text)]
        output = _as_json(text, sentences) if args.json else _as_text(sentences)
        # The bytes are written, because the encoding of standard output may lack phonemes.
        sys.stdout.buffer.write(output.encode())
        sys.stdout.buffer.flush()
        if not all(sentence.phonemes for sentence in sentences):
            code = _FAILED
    return code


def _decoded(argument: str) -> str:
    """Returns an argument with U+FFFD in place of bytes that are not UTF-8."""
    return os.fsencode(argument).decode(errors="replace")


def _lines() -> Iterator[str]:
    """Yields each line of standard input as it arrives, with U+FFFD in place of bytes that are not UTF-8."""
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
