"""Shows how a text is spoken: its sentences, their spoken forms, and their phonemes. Does not require a model."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from wyoming_piper_serial.phonemes.phonemizer import Phonemizers, Pronunciation, VoicePhonemizer
from wyoming_piper_serial.settings import Settings, TextRules
from wyoming_piper_serial.text.frontends import Frontends
from wyoming_piper_serial.text.lexicon import Lexicon
from wyoming_piper_serial.voices.catalogue import VoiceEntry, VoiceKey

if TYPE_CHECKING:
    from wyoming_piper_serial.text.sentences import SentenceSplitter


@dataclass(frozen=True)
class Reader:
    """Shows how one voice reads text."""

    new_splitter: "Callable[[], SentenceSplitter]"
    """Returns a splitter for one text."""

    spoken: Callable[[str], str]
    """Returns the spoken form of a sentence."""

    phonemizer: VoicePhonemizer

    def sentences(self, text: str) -> Iterator[str]:
        """Cleans a text, splits it into sentences, and yields them."""
        splitter = self.new_splitter()
        yield from splitter.feed(text)
        yield from splitter.finish()

    def pronunciation(self, sentence: str) -> "Future[Pronunciation]":
        """Returns a future for how a sentence is spoken. Can be called from any thread."""
        return self.phonemizer.pronunciation(sentence, self.spoken)


class Readers:
    """Creates readers and caches the phonemizers of the voices. Thread-safe."""

    def __init__(self, settings: Settings, phonemizers: Phonemizers, frontends: Frontends | None = None) -> None:
        self.settings = settings
        """The current settings. Changes apply to new readers."""

        self._phonemizers = phonemizers
        self.frontends = frontends or Frontends()
        self._of_voices: dict[str, tuple[VoiceKey, VoicePhonemizer]] = {}  # at most one item per voice

    def reader(
        self, entry: VoiceEntry, lexicon: Lexicon, rules: TextRules | None = None, tried: Lexicon | None = None
    ) -> Reader:
        """Returns a reader for a voice. The first call for each version of a voice loads its text rules and its
        phonemizer, which may take seconds, so the event loop must not call this method.

        `rules` takes precedence over the preset and the settings. The entries of `tried` take precedence over those of
        `lexicon`. Raises VoiceFileError if the phonemizer does not work.
        """
        text = self.settings.text_of(entry.preset)
        language = entry.config.language
        scopes = language, entry.name, entry.voice
        words = lexicon.for_voice(*scopes)
        if tried is not None:
            words = words.preceded_by(tried.for_voice(*scopes))
        frontend = self.frontends.frontend(language, rules or text.text_rules, words)
        splitter = partial(self.frontends.splitter, self.settings.text, language)
        return Reader(splitter, frontend.spoken, self._phonemizer(entry))

    def _phonemizer(self, entry: VoiceEntry) -> VoicePhonemizer:
        known = self._of_voices.get(entry.voice)
        if known is not None and known[0] == entry.key:
            return known[1]
        phonemizer = VoicePhonemizer(
            entry.config.phonemes,
            self._phonemizers,
            self.settings.text.max_sentence,
            folder=entry.model.parent,
            log_text=self.settings.logging.log_text,
        )
        phonemizer.finish_loading()
        self._of_voices[entry.voice] = entry.key, phonemizer
        return phonemizer
