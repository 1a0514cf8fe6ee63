"""Converts text to phoneme ids for a voice."""

import logging
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.phonemes import espeak
from wyoming_piper_serial.phonemes.client import (
    PhonemizerDied,
    PhonemizerError,
    PhonemizerProcess,
    PhonemizerUnavailable,
)
from wyoming_piper_serial.phonemes.hazards import pieces
from wyoming_piper_serial.phonemes.killers import Killers
from wyoming_piper_serial.phonemes.splicing import RAW_PHONEMES, divided
from wyoming_piper_serial.phonemes.types import (
    PINYIN_FOLDER,
    PINYIN_GROUP_ENDS,
    PhonemeConfig,
    PhonemeIds,
    Prepare,
    as_written,
    missing_file,
)
from wyoming_piper_serial.settings import Limits

_LOGGER = logging.getLogger(__name__)

T = TypeVar("T")

# A word to convert while a voice is being loaded. Phonemizers load their data, which takes seconds, only when they
# convert their first text.
_FIRST_WORDS = {"pinyin": "你好。", "hebrew": "שלום", "japanese": "はい。", "thai": "สวัสดี", "arabic": "مرحبا"}

_SLOW_FACTOR = 20  # Factor for the time limit of phonemizers other than espeak-ng, which are about 20 times slower.
_PIECE = 60  # If a sentence cannot be converted as a whole, it is split into pieces of at most this many characters.
# Fraction of a sentence's time limit that one piece may use. All pieces together may use the full limit.
_PIECE_SHARE = 0.5
_FAILED = "This text could not be converted to phonemes."
# After this number of failed pieces, the rest of the sentence is skipped, so that other requests do not have to wait.
_MAX_BAD_PIECES = 4


class Phonemizers:
    """Starts and stops the phonemizer processes of a server.

    There is one process for each kind of phonemizer. The process is started on first use and shared by all voices.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self._seconds = limits.phonemizer_timeout
        self._memory = limits.phonemizer_memory << 20
        self._lock = threading.Lock()
        self._processes: dict[str, PhonemizerProcess] = {}
        # Prepares the texts of voices whose phonemes are letters. The thread is started on first use.
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="letters")

    def process(self, kind: str) -> PhonemizerProcess:
        """Returns the process that runs the phonemizer `kind`. If there is none, starts one in the background.
        Thread-safe."""
        with self._lock:
            if kind not in self._processes:
                seconds = self._seconds * (1 if kind == "espeak" else _SLOW_FACTOR)
                self._processes[kind] = PhonemizerProcess(kind, seconds=seconds, memory=self._memory)
                self._processes[kind].start()
            return self._processes[kind]

    def close(self) -> None:
        """Stops all phonemizer processes and `thread`, and waits until they have ended."""
        self.thread.shutdown(cancel_futures=True)
        with self._lock:
            for process in self._processes.values():
                process.close()


class Pronunciation(NamedTuple):
    """How a voice pronounces a sentence."""

    written: str
    spoken: str
    """The sentence in its spoken form."""

    phonemes: list[str]
    """The phonemes of each model run."""


@dataclass
class _Time:
    """Limits the total processor time of all phonemizer requests for one text. The unit of time is the limit for one
    sentence."""

    limit: float
    spent: float = 0.0

    @property
    def left(self) -> float:
        return self.limit - self.spent


class VoicePhonemizer:
    """Converts text to phoneme ids for one voice."""

    def __init__(
        self,
        config: PhonemeConfig,
        phonemizers: Phonemizers,
        max_phonemes: int,
        *,
        folder: Path = Path(),
        log_text: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts to load the phonemizer of a voice in the background. The caller must then call `finish_loading`.

        Sentences with more than `max_phonemes` phonemes will be split. `folder` contains the files of the voice. If
        `log_text` is true, log lines may contain texts and phonemes.
        """
        self._config = config
        self._max_phonemes = max_phonemes
        self._log_text = log_text
        self._clock = clock
        self._warned: set[str] = set()
        self._kind = "arabic" if (config.phoneme_type, config.espeak_voice) == ("espeak", "ar") else config.phoneme_type
        # The process loads a separate phonemizer for each folder. Only the Chinese phonemizer reads files from the
        # folder of the voice.
        files = str(folder / PINYIN_FOLDER) if self._kind == "pinyin" else ""
        self._request = {"voice": config.espeak_voice, "folder": files}
        self._process = None if self._kind == "text" else phonemizers.process(self._kind)
        self._thread = phonemizers.thread
        self._loading = None if self._process is None else self._process.submit(self._load, self._process, folder)

    def finish_loading(self) -> None:
        """Waits until the phonemizer is loaded, which may take seconds. Raises VoiceFileError if loading fails."""
        if self._loading is None:
            return
        try:
            self._loading.result()
        except (PhonemizerDied, PhonemizerError, FileNotFoundError) as error:
            detail = f"its {self._config.phoneme_type} phonemizer does not work ({error})"
            raise VoiceFileError(self._config.voice, detail) from error

    def _load(self, process: PhonemizerProcess, folder: Path) -> None:
        missing = missing_file(self._kind, folder)
        if missing is not None:  # piper-tts would download the file
            raise FileNotFoundError(f"{missing} is missing from the voice's folder")
        request = self._request | {"text": _FIRST_WORDS.get(self._kind, "")}
        try:
            process.load(request)
        except PhonemizerDied:  # the kernel may have killed the process to free memory
            process.load(request)

    def phoneme_ids(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
        """Returns the phoneme ids of each sentence in `text`. Splits sentences with more than `max_phonemes` phonemes.

        `prepare` converts `text` to its spoken form. `prepare` is called in the thread that communicates with the
        phonemizer process, or in a separate thread for a voice whose phonemes are letters.

        Thread-safe. The future raises SynthesisFailed if no part of `text` can be converted. If only some parts of
        `text` cannot be converted, these parts are skipped, and a warning is logged.
        """
        return self._submit(lambda: self._ids(self._parts(self._prepared(text, prepare))))

    def pronunciation(self, text: str, prepare: Prepare = as_written) -> "Future[Pronunciation]":
        """Like `phoneme_ids`, but returns the spoken form of `text` and its phonemes. If no part of `text` can be
        converted, the list of phonemes is empty."""

        def find() -> Pronunciation:
            spoken = self._prepared(text, prepare)
            try:
                return Pronunciation(text, spoken, ["".join(part) for part in self._parts(spoken)])
            except SynthesisFailed:  # the failure has already been logged
                return Pronunciation(text, spoken, [])

        return self._submit(find)

    def _submit(self, find: Callable[[], T]) -> "Future[T]":
        """Submits `find` to the thread that communicates with the phonemizer process, or to a separate thread for a
        voice without a phonemizer."""
        return self._thread.submit(find) if self._process is None else self._process.submit(find)

    # The methods below run in the thread of the phonemizer process, or in the thread for voices whose phonemes are
    # letters.

    def _prepared(self, text: str, prepare: Prepare) -> str:
        spoken = prepare(text)
        if self._log_text and spoken != text:
            _LOGGER.info("Spoken: %s", spoken)
        return spoken

    def _sentences(self, text: str) -> list[list[str]]:
        process = self._process
        if process is None:
            return [list(unicodedata.normalize("NFD", RAW_PHONEMES.sub(r"\1", text)))]
        sentences = self._attempt(process, text, _Time(1.0), process.killers)
        return self._in_pieces(process, text) if sentences is None else sentences

    def _in_pieces(self, process: PhonemizerProcess, text: str) -> list[list[str]]:
        """Converts `text` piece by piece. Returns the phonemes of the pieces that can be converted, as one sentence.
        Stops after `_MAX_BAD_PIECES` failed pieces, or when the time limit for one sentence is used up. Logs a warning
        with the number of characters that are skipped.

        Raises SynthesisFailed if no piece can be converted.
        """
        sentence: list[str] = []
        bad, left, skipped = 0, 1.0, 0
        for piece in pieces(text, _PIECE):
            if bad == _MAX_BAD_PIECES or left <= 0:
                skipped += len(piece)
                continue
            time_of_piece = _Time(min(left, _PIECE_SHARE))
            spoken = self._attempt(process, piece, time_of_piece, process.bad_pieces)
            left -= time_of_piece.spent
            if spoken is None:
                bad += 1
                skipped += len(piece)
            for phonemes in spoken or []:
                sentence += [*phonemes, " "]
        if not sentence:
            raise SynthesisFailed(_FAILED)
        if skipped:
            _LOGGER.warning("%d of %d characters of a sentence were skipped", skipped, len(text))
        return [sentence]

    def _attempt(
        self, process: PhonemizerProcess, text: str, time_left: "_Time", killers: Killers
    ) -> list[list[str]] | None:
        """Returns the phonemes of each sentence in `text`. If the phonemizer fails, logs a warning and returns `None`.

        A text that fails is added to `killers`. As long as `killers` contains the text, further calls return `None`
        immediately. Raises SynthesisFailed if the phonemizer is not available.
        """
        voice, now = self._config.espeak_voice, self._clock()
        if killers.known(voice, text, now):
            return None
        ask = partial(self._ask, process, time_left)
        try:
            if self._kind in ("espeak", "arabic"):
                return espeak.sentences(text, ask, self._config.vowel_clusters)
            return divided(text, lambda part: [list(map(str, sentence)) for sentence in ask(part)])
        except PhonemizerUnavailable as error:
            _LOGGER.warning("The %s phonemizer is not available: %s", self._kind, error)
            raise SynthesisFailed(_FAILED) from error
        except (PhonemizerDied, PhonemizerError) as error:
            digest = killers.add(voice, text, now)
            # The message of a PhonemizerError may contain the text, which is private.
            reason = error if self._log_text or isinstance(error, PhonemizerDied) else "an error"
            _LOGGER.warning(
                "The %s phonemizer failed to convert %d characters (digest %s): %s",
                self._kind,
                len(text),
                digest,
                reason,
            )
            return None

    def _ask(self, process: PhonemizerProcess, time_left: "_Time", text: str) -> Iterable[Sequence[str | bool]]:
        if time_left.left <= 0:
            raise PhonemizerDied("it takes too long")
        try:
            found: Iterable[Sequence[str | bool]] = process.ask(self._request | {"text": text}, share=time_left.left)
        finally:
            time_left.spent += process.spent
        return found

    def _parts(self, text: str) -> list[list[str]]:
        """Returns the phonemes of `text`, as one list for each model run."""
        return [
            self._without_unknown(part)
            for sentence in self._sentences(text)
            for part in split_long(sentence, self._max_phonemes)
        ]

    def _ids(self, parts: Iterable[Sequence[str]]) -> list[PhonemeIds]:
        pads_after = PINYIN_GROUP_ENDS if self._kind == "pinyin" else None
        return [phonemes_to_ids(part, self._config.id_map, pads_after) for part in parts]

    def _without_unknown(self, phonemes: Sequence[str]) -> list[str]:
        """Returns `phonemes` without the phonemes that the voice lacks. Logs a warning the first time that a phoneme is
        missing."""
        known = [found for phoneme in phonemes if (found := self._config.find(phoneme)) is not None]
        if len(known) < len(phonemes):
            new = {phoneme for phoneme in phonemes if self._config.find(phoneme) is None} - self._warned
            if new:
                self._warned |= new
                names = " ".join(sorted(new)) if self._log_text else f"{len(new)} (--log-text shows them)"
                _LOGGER.warning("Voice %s lacks phonemes, which are skipped: %s", self._config.voice, names)
        return known


def phonemes_to_ids(
    phonemes: Iterable[str], id_map: Mapping[str, list[int]], pads_after: frozenset[str] | None = None
) -> PhonemeIds:
    """Returns the ids of the start symbol, the phonemes and the end symbol, with padding in between, as Piper's models
    expect.

    `pads_after` contains the phonemes that are followed by padding. If it is `None`, padding follows the start symbol
    and every phoneme. `id_map` must contain all `phonemes`.
    """
    pad = id_map["_"]
    ids = [*id_map["^"], *(pad if pads_after is None else [])]
    for phoneme in phonemes:
        ids += id_map[phoneme]
        if pads_after is None or phoneme in pads_after:
            ids += pad
    return [*ids, *id_map["$"]]


def split_long(phonemes: Sequence[str], limit: int) -> Iterable[Sequence[str]]:
    """Splits phonemes into parts of at most `limit` phonemes, at spaces if possible.

    Even a short text can have many phonemes: `%%%` is spoken as "percent percent percent".
    """
    while len(phonemes) > limit:
        cut = next((at for at in range(limit, limit // 2, -1) if phonemes[at - 1] == " "), limit)
        yield phonemes[:cut]
        phonemes = phonemes[cut:]
    if phonemes:
        yield phonemes
