"""What a model returns is looked at before it is played."""

import numpy as np
import pytest

from wyoming_piper_serial.exceptions import SettingsError, SynthesisFailed
from wyoming_piper_serial.model.device import CPU, CUDA, Device, choose_device
from wyoming_piper_serial.model.voice import sounding


@pytest.mark.parametrize("samples", [[], [0.1, np.nan], [np.inf, 0.0], [-np.inf]])
def test_what_is_no_sound_is_a_failure(samples: list[float]) -> None:
    """Nothing, and what is not a number, is never sent to a loudspeaker."""
    with pytest.raises(SynthesisFailed):
        sounding(np.array(samples, dtype=np.float32))


def test_what_is_sound_is_left_as_it_is() -> None:
    """Silence is sound, too."""
    samples = np.array([0.0, 0.5, -1.5], dtype=np.float32)
    assert sounding(samples) is samples


def test_a_device_says_what_it_is() -> None:
    """As it stands in the log."""
    assert str(Device(CPU)) == "CPU"
    assert str(Device(CPU, threads=1)) == "CPU, 1 thread"
    assert str(Device(CUDA, threads=4)) == "CUDA, 4 threads"


def test_threads_are_those_that_were_asked_for() -> None:
    """Left alone, onnxruntime takes one for each core."""
    assert Device(CPU, threads=3).options().intra_op_num_threads == 3
    assert Device(CPU).options().intra_op_num_threads == 0


def test_cuda_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it; with it there, it is chosen."""
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: [CPU])
    with pytest.raises(SettingsError, match="onnxruntime-gpu"):
        choose_device(use_cuda=True, threads=None)
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: [CUDA, CPU])
    assert choose_device(use_cuda=True, threads=2) == Device(CUDA, 2)
    assert choose_device(use_cuda=False, threads=None) == Device(CPU)
