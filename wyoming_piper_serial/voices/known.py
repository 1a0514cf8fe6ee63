"""The voices that the `voices` command manages: installed voices and voices in the public list."""

import contextlib
import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.model.config import read_config, read_json
from wyoming_piper_serial.voices.catalogue import dataset_of, fold
from wyoming_piper_serial.voices.files import bundled_model, check_model
from wyoming_piper_serial.voices.inventory import VoiceFiles, first_of_each_name
from wyoming_piper_serial.voices.remote.download import file_problem
from wyoming_piper_serial.voices.remote.index import PublicVoice


@dataclass(frozen=True, kw_only=True)
class KnownVoice:
    """A voice that is on this machine, or in the list of public voices, or both."""

    name: str
    public: PublicVoice | None
    files: VoiceFiles | None
    """The files on this machine, or `None` if there is neither a model nor a config."""

    @property
    def folder(self) -> Path | None:
        """The folder in which the voice is installed, or `None` if it is not on this machine or has a `fault`."""
        return None if self.files is None or self.fault is not None else self.files.folder

    @property
    def language(self) -> str:
        return self.public.language if self.public is not None else self.name.partition("-")[0]

    @property
    def quality(self) -> str:
        return self.public.quality if self.public is not None else self.name.rpartition("-")[2]

    @property
    def size(self) -> int:
        """Total size of the voice's files in bytes: as stated in the public list if the voice is in it, otherwise the
        size on this machine."""
        if self.public is not None:
            return self.public.size
        return 0 if self.files is None else self.files.size

    @property
    def num_speakers(self) -> int | None:
        """Number of the voice's speakers, or `None` if unknown.

        Reads the config if the voice is not in the public list.
        """
        if self.public is not None:
            return self.public.num_speakers
        with contextlib.suppress(OSError, ValueError, RecursionError, AttributeError, TypeError, OverflowError):
            raw = {} if self.files is None else read_json(self.files.config)
            return int(raw["num_speakers"]) if "num_speakers" in raw else None
        return None

    def speaks(self, language: str) -> bool:
        """Returns whether the voice speaks `language`, such as `de` or `de_DE`."""
        own = fold(self.language)
        return fold(language) in {own, own.partition("-")[0]}

    @cached_property
    def fault(self) -> str | None:
        """A one-line description of the voice's fault, or `None` if no fault can be found without reading the whole
        model."""
        files = self.files
        if files is None:
            return "is not on this machine"
        if files.missing:
            return f"{files.missing[0]}: is missing"
        try:
            read_config(files.config, self.name)
            check_model(files)
        except VoiceFileError as error:
            return error.detail
        return None

    def find_fault(self) -> str | None:
        """Returns a one-line description of a fault in the voice's files, or `None` if none is found. Reads the whole
        files if the voice is public, and compares them with the public list."""
        files = self.files
        if self.fault is not None or files is None or self.public is None:
            return self.fault
        checked = [(files.config, self.public.config)]
        if files.model != bundled_model() or files.model.exists():  # the bundled model may be installed only as parts
            checked.insert(0, (files.model, self.public.model))
        for path, file in checked:
            fault = file_problem(path, file)
            if fault is not None:
                return f"{path}: {fault}"
        return None


class KnownVoices:
    """All known voices. Iteration yields them in alphabetical order."""

    def __init__(self, files: Iterable[VoiceFiles], public: Iterable[PublicVoice]) -> None:
        """`files` must be in order of precedence: if a name occurs several times, the first occurrence is used."""
        here = first_of_each_name(files)
        listed = {voice.name: voice for voice in public}
        self._by_name: Mapping[str, KnownVoice] = {
            name: KnownVoice(name=name, public=listed.get(name), files=here.get(name))
            for name in sorted(listed.keys() | here.keys())
        }
        self._folded = {fold(name): name for name in self._by_name}
        self._folded |= {fold(alias): name for name, voice in listed.items() for alias in voice.aliases}

    def __iter__(self) -> Iterator[KnownVoice]:
        return iter(self._by_name.values())

    def find(self, name: str) -> KnownVoice | None:
        """Returns the voice with the given name or alias, or `None` if there is no such voice.

        Case is ignored, and dashes and underscores are equivalent.
        """
        return self._by_name.get(name) or self._by_name.get(self._folded.get(fold(name), ""))

    def similar_names(self, name: str) -> list[str]:
        """Returns the names of up to three voices whose names or aliases are similar to `name`, the most similar first.

        If there are none, returns up to three voices with the most similar dataset (`joe` in en_US-joe-medium), in
        alphabetical order. The result is empty if no dataset is similar either.
        """
        similar = difflib.get_close_matches(fold(name), self._folded, n=3, cutoff=0.5)
        names = [self._folded[one] for one in similar]
        if not names:
            datasets: dict[str, list[str]] = {}
            for voice in self._by_name:
                datasets.setdefault(dataset_of(voice), []).append(voice)
            close = difflib.get_close_matches(fold(name), datasets, n=1, cutoff=0.6)
            names = [voice for dataset in close for voice in datasets[dataset][:3]]
        return list(dict.fromkeys(names))
