"""The command `voices`: list, show, check, download and remove voices."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from wyoming_piper_serial.cli import BAD_SETTINGS, FAILED, INTERRUPTED, PROGRAM
from wyoming_piper_serial.cli.arguments import CONFIG
from wyoming_piper_serial.cli.base_parser import failed
from wyoming_piper_serial.cli.client import URI
from wyoming_piper_serial.cli.command_parser import CommandParser, settings_of
from wyoming_piper_serial.cli.offering import who_offers
from wyoming_piper_serial.cli.terminal import is_terminal
from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import grouped
from wyoming_piper_serial.voices.files import bundled_model, list_bundled, list_folder
from wyoming_piper_serial.voices.inventory import Listing, voice_files, voice_folders
from wyoming_piper_serial.voices.known import KnownVoice, KnownVoices
from wyoming_piper_serial.voices.remote.download import (
    VOICE_FILE_ENDINGS,
    fetch,
    missing_files,
    remove_voice_files,
    update_list,
    voice_path,
)
from wyoming_piper_serial.voices.remote.index import load_public
from wyoming_piper_serial.wording import counted

_OPTIONS = {path: option for options in grouped(Settings).values() for path, option in options.items()}
_SERVER_OPTIONS = [
    CONFIG,
    *(
        _OPTIONS[path]
        for path in ("data_dirs", "download_dir", "downloads.url", "downloads.timeout", "downloads.offline")
    ),
]
"""The server options that this command also accepts."""


class _CommandError(Exception):
    """Raised if the command fails. The message is shown to the user."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class _Context:
    """The settings and the voices, which all subcommands use."""

    settings: Settings
    voices: KnownVoices

    def find(self, names: Sequence[str]) -> list[KnownVoice]:
        """Returns the voices with these names, without duplicates. Raises _CommandError if a name is unknown."""
        return list({voice.name: voice for voice in map(self._find, names)}.values())

    def _find(self, name: str) -> KnownVoice:
        voice = self.voices.find(name)
        if voice is None:
            similar = self.voices.similar_names(name)
            hint = f"Did you mean {' or '.join(similar)}?" if similar else f"See: {PROGRAM} voices list"
            raise _CommandError(f"there is no voice {name!r:.80}. {hint}", BAD_SETTINGS)
        return voice


def main(argv: Sequence[str]) -> int:
    """Runs `voices ...` and returns the exit code: 0, 1 if the command fails, 2 for invalid arguments, or 130 after
    Ctrl-C."""
    args = parser().parse_args(argv[1:] or ["list", "--installed"])
    settings = settings_of(args)
    try:
        if args.update_voices:
            _update_list(settings)
        code: int = args.run(_context(settings), args)
        sys.stdout.flush()
    except _CommandError as error:
        return _print_error(str(error), error.code)
    except DownloadFailed as error:
        return _print_error(error.detail)
    except BrokenPipeError:  # raised if the program that reads the output, such as `head`, has exited
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _print_error(message: str, code: int = FAILED) -> int:
    failed(message)
    return code


def parser() -> CommandParser:
    common = CommandParser(add_help=False)
    common.add_argument("--update-voices", action="store_true", help="first download a new list of public voices")
    common.add_server_options(_SERVER_OPTIONS, group="options of the server")
    made = CommandParser(
        prog=f"{PROGRAM} voices",
        description="List and manage voices. Without a command, the installed voices are listed.",
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")

    def command(name: str, run: Callable[[_Context, argparse.Namespace], int], text: str) -> CommandParser:
        added: CommandParser = commands.add_parser(
            name, help=text, description=f"{text}.".capitalize(), parents=[common]
        )
        added.set_defaults(run=run)
        return added

    listing = command("list", _list, "list all voices in a table")
    listing.add_argument("--language", metavar="CODE", help="only voices of this language, such as de or de_AT")
    which = listing.add_mutually_exclusive_group()
    which.add_argument("--installed", action="store_true", help="only voices that are installed")
    which.add_argument("--all", action="store_true", help="installed and downloadable voices (default)")
    showing = command("show", _show, "show the details of a voice")
    showing.add_argument("name", metavar="NAME")
    for one in (listing, showing):
        one.add_argument("--json", action="store_true", help="print JSON")
    checking = command("check", _check, "check the files of voices; exit code 1 if one is missing or damaged")
    checking.add_argument("names", nargs="*", metavar="NAME", help="voice to check (default: all on this machine)")
    downloading = command("download", _download, "download voices that are not installed")
    downloading.add_argument("names", nargs="+", metavar="NAME")
    downloading.add_server_options([URI])
    removing = command("remove", _remove, "remove downloaded voices")
    removing.add_argument("names", nargs="+", metavar="NAME")
    return made


def _update_list(settings: Settings) -> None:
    if settings.downloads.offline:
        raise _CommandError("--update-voices cannot be used together with --offline", BAD_SETTINGS)
    update_list(_download_folder(settings), base_url=settings.downloads.url, timeout=settings.downloads.timeout)


def _download_folder(settings: Settings) -> Path:
    """Returns the download folder. Raises _CommandError if no folder is set and the user has no home folder."""
    folder = settings.download_folder
    if folder is None:
        raise _CommandError("this user has no home folder; set a folder for voices with --download-dir", BAD_SETTINGS)
    return folder


def _context(settings: Settings) -> _Context:
    files = voice_files([*_listings(settings), list_bundled()])
    return _Context(settings=settings, voices=KnownVoices(files, load_public(settings.download_folder)))


def _listings(settings: Settings) -> Iterator[tuple[Path, Listing]]:
    for folder in voice_folders(settings):
        try:
            yield folder, list_folder(folder)
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                continue  # the server also accepts folders that are created later, for example by the first download
            option = "--data-dir" if folder in settings.data_dirs else "--download-dir"
            raise _CommandError(f"{option} {folder}: {error.strerror or error}", BAD_SETTINGS) from error


def _list(context: _Context, args: argparse.Namespace) -> int:
    voices = [voice for voice in context.voices if voice.folder is not None or not args.installed]
    rows = [_summary(voice) for voice in voices if not args.language or voice.speaks(args.language)]
    if args.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    if not rows:
        kind = "installed voice" if args.installed else "voice"
        languages = ", ".join(sorted({voice.language for voice in voices}))
        raise _CommandError(f"no {kind} supports the language {args.language!r:.80}. The languages are: {languages}")
    _print_table(
        ["name", "language", "quality", "speakers", "size", "installed"],
        [
            [
                row["name"],
                row["language"],
                row["quality"],
                str(row["speakers"] or "?"),
                _megabytes(row["size"]),
                "yes" if row["installed"] else "",
            ]
            for row in rows
        ],
    )
    if is_terminal(sys.stdout):
        _print_summary(context.settings, rows)
    return 0


def _print_summary(settings: Settings, rows: Sequence[Mapping[str, Any]]) -> None:
    """Prints the number of voices in the table of voices, the voice folders, and a suggestion for the next command."""
    installed = sum(row["installed"] for row in rows)
    folders = ", ".join(map(str, voice_folders(settings))) or "none"
    print(f"\n{counted(len(rows), 'voice')}, {installed} installed. Voice folders: {folders}")
    if installed == len(rows):
        print(f"To see what can be downloaded: {PROGRAM} voices list")
    else:
        print(f"To download one: {PROGRAM} voices download NAME")


def _summary(voice: KnownVoice) -> dict[str, Any]:
    return {
        "name": voice.name,
        "language": voice.language,
        "quality": voice.quality,
        "speakers": voice.num_speakers,
        "size": voice.size,
        "installed": voice.folder is not None,
    }


def _print_table(head: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        cells = [
            text.rjust(width) if name in {"speakers", "size"} else text.ljust(width)
            for name, text, width in zip(head, row, widths, strict=True)
        ]
        print("  ".join(cells).rstrip())


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _show(context: _Context, args: argparse.Namespace) -> int:
    (voice,) = context.find([args.name])
    about = _summary(voice)
    about["folder"] = None if voice.folder is None else str(voice.folder)
    about["fault"] = None if voice.files is None else voice.fault
    if voice.public is not None:
        url = context.settings.downloads.url
        about["speaker_names"] = list(voice.public.speakers)
        about["aliases"] = list(voice.public.aliases)
        about["files"] = [
            {"url": f"{url}/{file.path}", "size": file.size, "md5": file.md5} for file in voice.public.files
        ]
    if args.json:
        print(json.dumps(about, indent=2, ensure_ascii=False))
    else:
        _print_details(about)
    return 0


def _print_details(about: dict[str, Any]) -> None:
    """Prints the details of a voice: one line for each detail that is known and one line for each file."""
    folder = about.pop("folder")
    files = about.pop("files", [])
    about["size"] = _megabytes(about["size"])
    about["installed"] = "no" if folder is None else f"yes, in {folder}"
    for name, value in about.items():
        if value:
            print(f"{name.replace('_', ' ') + ':':15}{', '.join(value) if isinstance(value, list) else value}")
    for file in files:
        print(f"{'file:':15}{file['url']} ({file['size']} bytes, MD5 {file['md5']})")


def _check(context: _Context, args: argparse.Namespace) -> int:
    code = 0
    for voice in context.find(args.names) or [voice for voice in context.voices if voice.files is not None]:
        fault = voice.find_fault()
        code = FAILED if fault else code
        print(f"{voice.name}: {fault or 'ok'}")
    return code


def _download(context: _Context, args: argparse.Namespace) -> int:
    code, here = 0, list[str]()
    for voice in context.find(args.names):
        try:
            _download_one(context, voice)
            here.append(voice.name)
        except DownloadFailed as error:
            code = _print_error(error.detail)
    if here:
        print(who_offers(context.settings.uri, here), flush=True)
    return code


def _download_one(context: _Context, voice: KnownVoice) -> None:
    """Downloads one voice unless it is already installed. Raises DownloadFailed, or _CommandError if there is no
    download folder."""
    what = f"The voice {voice.name}"
    folder, settings = _download_folder(context.settings), context.settings.downloads
    if voice.folder is not None:
        if voice.public is None or not missing_files(voice.public, voice.folder):
            print(f"{voice.name}: is already installed in {voice.folder}")
            return
        if voice.folder != folder:
            raise DownloadFailed(what, "another version is used instead", f"in {voice.folder}")
        print(f"{voice.name}: differs from the public list and is downloaded again")
    if voice.public is None:
        raise DownloadFailed(what, "it is not on the public list", "and not complete on this machine")
    if settings.offline:
        raise DownloadFailed(what, "--offline is set", "the voice is not installed, or not complete")
    work = partial(fetch, voice.public, folder, base_url=settings.url, timeout=settings.timeout)
    if sys.stderr.isatty():
        with tqdm(total=voice.public.size, desc=voice.name, unit="B", unit_scale=True) as bar:
            work(progress=lambda done, _: bar.update(done - bar.n))
    else:
        print(f"{voice.name}: downloading {_megabytes(voice.public.size)}", flush=True)
        work()
    print(f"{voice.name}: downloaded, {voice_path(voice.public.model, voice.name, folder)}", flush=True)


def _remove(context: _Context, args: argparse.Namespace) -> int:
    folder = _download_folder(context.settings)
    code = 0
    for voice in context.find(args.names):
        try:
            size = _remove_one(voice, folder)
        except _CommandError as error:
            code = _print_error(str(error))
        else:
            print(f"{voice.name}: removed, {_megabytes(size)} freed")
    return code


def _remove_one(voice: KnownVoice, folder: Path) -> int:
    """Removes the files of a voice, including partial downloads, from the download folder. Returns the number of bytes
    that were freed.

    Raises _CommandError if the voice cannot be removed.
    """
    files = [path for path in (folder / f"{voice.name}{ending}" for ending in VOICE_FILE_ENDINGS) if path.is_file()]
    if not files:
        raise _CommandError(_why_not_removed(voice))
    if voice.public is None:
        raise _CommandError(
            f"{voice.name} is not on the public list and cannot be downloaded again; remove it yourself: {files[0]}"
        )
    try:
        return remove_voice_files(voice.name, folder)
    except OSError as error:
        raise _CommandError(f"{voice.name} cannot be removed: {folder}: {error.strerror or error}") from error


def _why_not_removed(voice: KnownVoice) -> str:
    if voice.files is None:
        return f"{voice.name} is not installed"
    if voice.files.model == bundled_model():
        return f"{voice.name} is part of the installation and cannot be removed"
    return f"{voice.name} is in {voice.files.folder}, which is not the download folder; remove it there yourself"
