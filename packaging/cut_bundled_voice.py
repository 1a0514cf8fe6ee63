"""Replaces the model of the bundled voice with the split model, for the container image.

Both contain the same weights, and the server needs only the split model. The new file contains no step times of the
machine that builds the image, and the voice's gain is rounded, so every machine builds the same file.
"""

import io
import logging
import tempfile
from dataclasses import replace
from pathlib import Path

from wyoming_piper_serial.model.device import CPU, Device
from wyoming_piper_serial.model.graph.parts_cache import ModelSource, PartsCache, write_parts
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.voices.files import BUNDLED_SHA256, bundled_model, bundled_parts
from wyoming_piper_serial.voices.loader import VoiceLoader
from wyoming_piper_serial.voices.scanner import bundled_voice

_GAIN_DIGITS = 4  # Number of decimal places of the voice's gain. Further digits would differ between processors.


def main() -> None:
    """Splits the model, stores its parts in the folder of the model, and deletes the original model."""
    entry, settings = bundled_voice(), Settings()
    phonemizers = Phonemizers(settings.limits)
    with tempfile.TemporaryDirectory() as folder:
        load = VoiceLoader(
            instances=1,
            device=Device(CPU),
            phonemizers=phonemizers,
            max_phonemes=settings.text.max_sentence,
            cache_dir=Path(folder),
        )
        load(entry)
        phonemizers.close()
        parts = PartsCache(Path(folder)).get(entry.model, BUNDLED_SHA256[0])
    if parts is None:
        raise SystemExit("the parts were not stored")
    info = replace(parts.info, gain=round(parts.info.gain, _GAIN_DIGITS), step_times=(), measured_on="")
    content = io.BytesIO()
    write_parts(content, ModelSource(BUNDLED_SHA256[0], {}), replace(parts, info=info))
    bundled_parts().write_bytes(content.getvalue())
    bundled_parts().chmod(0o644)
    bundled_model().unlink()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main()
