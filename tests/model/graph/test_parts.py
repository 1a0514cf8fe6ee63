"""`PartsInfo` describes the parts of a model. `quiet_options` returns the options of an onnxruntime session that is
used only once."""

import onnxruntime

from tests.fixture_voices import SMALL, FixtureVoices
from wyoming_piper_serial.model.graph.parts import PartsInfo, quiet_options
from wyoming_piper_serial.model.graph.windows import Margin, ReceptiveField


def test_hop_is_the_rate_of_the_vocoders_output() -> None:
    """The hop is the number of samples into which the vocoder converts one frame."""
    info = PartsInfo(
        mean="mean",
        deviation="deviation",
        duration_noise=True,
        flow_conditioning=(),
        vocoder_conditioning=(),
        flow=ReceptiveField(margins=(Margin(1, 32, 32),), rate=1),
        vocoder=ReceptiveField(margins=(Margin(1, 11, 11),), rate=256),
    )
    assert info.hop == 256


def test_session_that_is_used_once_is_not_optimized(fixture_voices: FixtureVoices) -> None:
    """A session with `quiet_options` does not optimize the graph, has one thread and does not print warnings."""
    options = quiet_options()
    session = onnxruntime.InferenceSession(
        str(fixture_voices.model(SMALL[0])), options, providers=["CPUExecutionProvider"]
    )
    used = session.get_session_options()
    assert used.graph_optimization_level == onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    assert used.log_severity_level == 3
    assert used.intra_op_num_threads == 1
