"""`check_cut` compares the output of the parts of a model with the output of the whole model."""

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fixture_voices import FixtureVoices
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.check import check_cut, compare
from wyoming_piper_serial.model.graph.cut import cut, read_model
from wyoming_piper_serial.model.graph.inference import Array, CutModel
from wyoming_piper_serial.model.graph.parts import GraphNotCut

NAME = "en_US-many_old-x_low"
IDS = list(range(10))


@pytest.fixture(scope="module")
def model(fixture_voices: FixtureVoices) -> Path:
    return fixture_voices.model(NAME)


@pytest.fixture(scope="module")
def cut_model(model: Path) -> CutModel:
    return CutModel(cut(read_model(model)[0]), Device())


def with_smaller_margin(cut_model: CutModel, *, left: int = 0, right: int = 0) -> CutModel:
    """Return a copy of `cut_model` with a smaller vocoder margin: `left` fewer frames before a window, and `right`
    fewer frames after it."""
    field = cut_model.info.vocoder
    first, *inner = field.margins
    smaller = replace(first, left=first.left - left, right=first.right - right)
    changed = copy.copy(cut_model)
    changed.info = replace(cut_model.info, vocoder=replace(field, margins=(smaller, *inner)))
    return changed


def samples(*values: float) -> Array:
    return np.array(values, dtype=np.float32)


def test_correct_parts_pass(cut_model: CutModel, model: Path) -> None:
    """The parts of a model that was split correctly pass the check."""
    check_cut(cut_model, model, IDS)


@pytest.mark.unmeasured  # coverage is not measured here, because faster tests cover the same code
@pytest.mark.parametrize("smaller", [{"left": 2}, {"right": 2}], ids=["left", "right"])
def test_vocoder_margin_that_is_two_frames_too_small_is_noticed(
    cut_model: CutModel, model: Path, smaller: dict[str, int]
) -> None:
    """If the vocoder margin on either side is two frames too small, GraphNotCut is raised."""
    with pytest.raises(GraphNotCut, match=r"differ by [0-9.]+ of 32767; the maximum is 0\.5"):
        check_cut(with_smaller_margin(cut_model, **smaller), model, IDS)


def test_parts_of_another_model_are_noticed(cut_model: CutModel, fixture_voices: FixtureVoices) -> None:
    """If the parts belong to another model with the same inputs, GraphNotCut is raised."""
    with pytest.raises(GraphNotCut):
        check_cut(cut_model, fixture_voices.model("en_US-many_old-medium"), IDS)


def test_parts_that_do_not_run_are_not_used(cut_model: CutModel, model: Path) -> None:
    """If the parts cannot be run, GraphNotCut is raised."""
    with pytest.raises(GraphNotCut, match="its parts do not run"):
        check_cut(cut_model, model, [1, 99_999])


def test_whole_graph_that_does_not_run_is_noticed(cut_model: CutModel, tmp_path: Path) -> None:
    """If the whole graph cannot be run, GraphNotCut is raised, because the parts cannot be checked."""
    with pytest.raises(GraphNotCut, match="the whole graph does not run"):
        check_cut(cut_model, tmp_path / "gone.onnx", IDS)


def test_difference_is_measured_in_steps_of_full_scale() -> None:
    """The difference is measured in 16-bit steps after scaling to full scale. A difference of 0.0001 in a signal
    with peak 0.5 is 6.6 steps."""
    compare(samples(0.5, 0.0001), samples(0.5, 0.0), 7.0)
    with pytest.raises(GraphNotCut, match=r"differ by 6\.6 of 32767; the maximum is 6\.0"):
        compare(samples(0.5, 0.0001), samples(0.5, 0.0), 6.0)


def test_equal_silence_passes() -> None:
    """Two silent outputs count as equal, although silence cannot be scaled to full scale."""
    compare(samples(0.0, 0.0), samples(0.0, 0.0), 0.5)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_samples_that_are_not_finite_are_refused(value: float) -> None:
    """If the output of the parts contains NaN or infinity, GraphNotCut is raised."""
    with pytest.raises(GraphNotCut, match="differ by"):
        compare(samples(0.5, value), samples(0.5, 0.0), 4.0)


def test_different_number_of_samples_is_refused() -> None:
    """If the outputs differ in their number of samples, GraphNotCut is raised, and the message contains both
    numbers."""
    with pytest.raises(GraphNotCut, match="return 1 samples, not 2"):
        compare(samples(0.5), samples(0.5, 0.0), 4.0)
