"""`PartsInfo` describes the parts of a model."""

from wyoming_piper_serial.model.graph.parts import PartsInfo
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
