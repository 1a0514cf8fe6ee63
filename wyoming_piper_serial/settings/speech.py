"""Settings for synthesis and for the processing of text."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from wyoming_piper_serial.settings.option import Choice, Number, Option, Text, Whole, grouped, option

MAX_SEED = 2**63 - 1  # the largest signed 64-bit integer, which most programming languages can represent
MIN_SPEED, MAX_SPEED = 0.25, 4.0  # limits of the speed in a request, as in OpenAI's speech API
Normalize = Literal["voice", "sentence", "off"]
TextRules = Literal["auto", "off"]
CodeBlocks = Literal["skip", "announce", "read"]


@dataclass(frozen=True, kw_only=True)
class SynthesisSettings:
    """Settings that determine how speech sounds.

    `None` means the value in the voice's config. For `seed`, `None` means that the same text sounds slightly different
    each time.
    """

    length_scale: float | None = option(
        "--length-scale",
        default=None,
        default_text="the voice's own",
        kind=Number(0.1, 10),
        metavar="X",
        help_text="factor for the duration of speech; with 2, speech takes twice as long",
        reason="The config of each voice has a value that suits it.",
        in_preset=True,
        reloaded=True,
    )
    noise_scale: float | None = option(
        "--noise-scale",
        default=None,
        default_text="the voice's own",
        kind=Number(0, 10),
        metavar="X",
        help_text="variation of the sound",
        reason="The config of each voice has a value that suits it.",
        in_preset=True,
        reloaded=True,
    )
    noise_w_scale: float | None = option(
        "--noise-w-scale",
        "--noise-w",
        default=None,
        default_text="the voice's own",
        kind=Number(0, 10),
        metavar="X",
        help_text="variation of the rhythm",
        reason="The config of each voice has a value that suits it.",
        in_preset=True,
        reloaded=True,
    )
    sentence_silence: float = option(
        "--sentence-silence",
        default=0.0,
        kind=Number(0, 60),
        metavar="SECONDS",
        help_text="silence between sentences",
        reason="This is the default of wyoming-piper.",
        in_preset=True,
        reloaded=True,
    )
    sample_rate: int | None = option(
        "--sample-rate",
        default=None,
        default_text="the voice's own",
        kind=Whole(8000, 48000),
        metavar="HZ",
        help_text="sample rate of all audio that is sent, such as 48000",
        reason="Resampling would cost some quality and time.",
        reloaded=True,
    )
    normalize: Normalize = option(
        "--normalize",
        default="voice",
        kind=Choice(get_args(Normalize)),
        metavar="voice|sentence|off",
        help_text="loudness: voice (one gain for all sentences of a voice), sentence (each sentence scaled to full "
        "scale, audio starts later) or off (the level of the model)",
        reason="With one gain for the voice, speech can start before the sentence is complete, and the loudness does "
        "not change from sentence to sentence.",
        reloaded=True,
    )
    volume: float = option(
        "--volume",
        default=1.0,
        kind=Number(0, 10),
        metavar="X",
        help_text="factor for all samples; peaks are limited",
        reason="With 1, `normalize` alone determines the loudness.",
        in_preset=True,
        reloaded=True,
    )
    seed: int | None = option(
        "--seed",
        default=None,
        default_text="speech varies",
        kind=Whole(0, MAX_SEED),
        metavar="N",
        help_text="seed that makes the speech of a text reproducible",
        reason="Piper's speech varies from run to run, like a person's.",
        in_preset=True,
        reloaded=True,
    )


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """Settings for the processing of text before synthesis."""

    text_rules: TextRules = option(
        "--text-rules",
        default="auto",
        kind=Choice(get_args(TextRules)),
        metavar="auto|off",
        help_text="how numbers, units, dates and abbreviations are read: auto (as a person would say them in the "
        "language of the voice) or off (the phonemizer decides)",
        reason='Otherwise, the minus of "-3.5 °C" is not spoken in half of the languages, and "km/h" is spelled.',
        in_preset=True,
        reloaded=True,
    )
    auto_punctuation: str = option(
        "--auto-punctuation",
        default=".?!。？！．؟।॥۔։።፧။។៕",
        metavar="MARKS",
        help_text="marks that end a sentence; the first one is added to a sentence that ends with none of them; an "
        "empty value turns this off",
        reason="These marks end a sentence in the languages of Piper's voices.",
        reloaded=True,
    )
    max_sentence: int = option(
        "--max-sentence",
        default=600,
        kind=Whole(20, 5000),
        metavar="N",
        help_text="maximum characters (and phonemes) in one sentence; a longer sentence is split, at a pause if "
        "possible",
        reason="The encoder's time and memory grow with the square of the length: 600 characters need about half a "
        "second and 30 MB, 6000 characters need a hundred times as much.",
    )
    lexicons: tuple[Path, ...] = option(
        "--lexicon",
        default=(),
        default_text="none",
        kind=Text.FILE,
        metavar="FILE",
        help_text="file with words and their spoken forms, in addition to lexicon.txt in each folder with voices",
        reason="Only the operator knows which words a voice reads incorrectly.",
        repeated=True,
        reloaded=True,
    )
    code_blocks: CodeBlocks = option(
        "--code-blocks",
        default="skip",
        kind=Choice(get_args(CodeBlocks)),
        metavar="skip|announce|read",
        help_text="how a block of code between fences (```) is read: skip (not at all), announce (only that there is "
        "one) or read (completely)",
        reason="Code is hard to follow by ear, and answers of language models usually explain it in the other text.",
        reloaded=True,
    )


@dataclass(frozen=True, kw_only=True)
class Preset:
    """An extra voice name with its own settings for speech and text, for clients that can send only a voice name."""

    name: str
    voice: str
    speaker: str | None = None
    synthesis: Mapping[str, Any] = field(default_factory=dict)
    """Values that override fields of the server's SynthesisSettings, by field name."""

    text: Mapping[str, Any] = field(default_factory=dict)
    """Values that override fields of the server's TextSettings, by field name."""


_PRESET_SECTIONS = (SynthesisSettings, TextSettings)


def preset_options() -> dict[str, Option]:
    """Returns the options that a preset may set, by field name."""
    return {
        name: found
        for section in _PRESET_SECTIONS
        for options in grouped(section).values()
        for name, found in options.items()
        if found.in_preset
    }


def make_preset(name: str, voice: str, speaker: str | None, values: Mapping[str, Any]) -> Preset:
    """Returns a preset. `values` maps field names from `preset_options()` to valid values."""
    in_text = {found.name for found in fields(TextSettings)}
    return Preset(
        name=name,
        voice=voice,
        speaker=speaker,
        synthesis={key: value for key, value in values.items() if key not in in_text},
        text={key: value for key, value in values.items() if key in in_text},
    )
