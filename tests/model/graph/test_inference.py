"""Sentences are decoded, alone or several together, with a model that is split into encoder, flow and vocoder."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.fixture_voices import FixtureVoices, sentence, steps_apart
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.cut import cut, read_model
from wyoming_piper_serial.model.graph.inference import Array, CutModel, Decoding, PartInput, Prior, decode_together
from wyoming_piper_serial.model.graph.parts import Parts
from wyoming_piper_serial.model.protocols import SynthesisOptions, model_inputs
from wyoming_piper_serial.settings import SynthesisSettings

NAME = "en_US-many_old-x_low"


class UnreliableModel(CutModel):
    """A CutModel that records the batch sizes of its runs. Its vocoder fails if `broken` is set."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts, Device())
        self.reset()

    def reset(self) -> None:
        self.broken = False
        self.flow_batches: list[int] = []
        self.vocoder_batches: list[int] = []

    def flow(self, batch: Sequence[PartInput]) -> list[Array]:
        self.flow_batches.append(len(batch))
        return super().flow(batch)

    def vocode(self, batch: Sequence[PartInput]) -> list[Array]:
        if self.broken:
            raise RuntimeError("out of memory")
        self.vocoder_batches.append(len(batch))
        return super().vocode(batch)


@pytest.fixture(scope="module")
def parts(fixture_voices: FixtureVoices) -> Parts:
    return cut(read_model(fixture_voices.model(NAME))[0])


@pytest.fixture(scope="module")
def loaded(parts: Parts) -> UnreliableModel:
    return UnreliableModel(parts)


@pytest.fixture
def model(loaded: UnreliableModel) -> UnreliableModel:
    loaded.reset()
    return loaded


@pytest.fixture
def begin(fixture_voices: FixtureVoices, model: UnreliableModel) -> "Begin":
    return Begin(fixture_voices, model)


class Begin:
    """A callable that encodes a sentence of `length` phoneme ids and returns its Decoding."""

    def __init__(self, fixture_voices: FixtureVoices, model: CutModel) -> None:
        self._config = fixture_voices.config(NAME)
        self._model = model

    def use(self, model: CutModel) -> None:
        self._model = model

    def prior(self, seed: int, *, speaker: int = 0, length: int = 30) -> Prior:
        options = SynthesisOptions(synthesis=SynthesisSettings(), speaker=speaker)
        inputs = model_inputs(self._config, sentence(self._config, length), options)
        return self._model.encode(inputs, np.random.default_rng(seed))

    def __call__(self, seed: int, *, speaker: int = 0, length: int = 30) -> Decoding:
        prior = self.prior(seed, speaker=speaker, length=length)
        return Decoding(self._model, prior, np.random.default_rng(seed))


def test_prior_has_a_mean_and_a_deviation_for_each_frame(begin: Begin, parts: Parts) -> None:
    """The encoder returns a mean and a deviation of equal shape for the prior, and the conditioning inputs of the flow
    and the vocoder."""
    prior = begin.prior(1)
    assert prior.mean.shape == prior.deviation.shape
    assert prior.mean.shape[0] == 1
    assert set(prior.conditioning) == {*parts.info.flow_conditioning, *parts.info.vocoder_conditioning}


@pytest.mark.parametrize("durations", [None, "mean"])
def test_durations_that_are_missing_or_wrong_are_not_used(begin: Begin, parts: Parts, durations: str | None) -> None:
    """Without an output for durations, or if its values do not add up to the frames, the durations are not known."""
    info = replace(parts.info, durations=durations and parts.info.mean)
    begin.use(UnreliableModel(replace(parts, info=info)))
    assert begin.prior(1).id_frames is None


def test_noise_of_the_durations_follows_the_seed(begin: Begin) -> None:
    """Equal seeds give equal durations and equal means. Different seeds give different durations."""
    frames = [begin.prior(seed).mean.shape[-1] for seed in range(5)]
    assert len(set(frames)) > 1
    assert np.array_equal(begin.prior(3).mean, begin.prior(3).mean)


def test_conditioning_depends_on_the_speaker_alone(begin: Begin) -> None:
    """The conditioning inputs depend on the speaker, not on the sentence."""
    first, longer, other = begin.prior(1), begin.prior(1, length=60), begin.prior(1, speaker=1)
    for name, value in first.conditioning.items():
        assert np.array_equal(value, longer.conditioning[name])
    assert any(not np.array_equal(value, other.conditioning[name]) for name, value in first.conditioning.items())


def test_chunk_has_a_hop_of_samples_for_each_frame(begin: Begin, parts: Parts) -> None:
    """A chunk has `hop` samples for each frame. The last chunk contains the remaining frames."""
    decoding = begin(1)
    total = decoding.remaining_frames
    assert decoding.next(10).shape == (10 * parts.info.hop,)
    assert decoding.remaining_frames == total - 10
    assert decoding.next(10_000).shape == ((total - 10) * parts.info.hop,)
    assert decoding.remaining_frames == 0


def test_failed_run_leaves_every_decoding_where_it_was(begin: Begin, model: UnreliableModel) -> None:
    """If decoding several sentences together fails, no decoding advances. A second attempt returns the correct
    samples."""
    expected = begin(1).next(20), begin(2).next(20)
    decodings = [begin(1), begin(2)]
    remaining = [decoding.remaining_frames for decoding in decodings]
    model.broken = True
    with pytest.raises(RuntimeError, match="out of memory"):
        decode_together(model, decodings, 20)
    assert [decoding.remaining_frames for decoding in decodings] == remaining
    model.broken = False
    for samples, alone in zip(decode_together(model, decodings, 20), expected, strict=True):
        assert steps_apart(samples, alone) < 1


def test_decodings_share_one_vocoder_run(begin: Begin, model: UnreliableModel) -> None:
    """Decodings with equal batch keys share one vocoder run. Their first chunks also share the flow run."""
    decodings = [begin(seed) for seed in range(3)]
    assert len({decoding.batch_key(20) for decoding in decodings}) == 1
    decode_together(model, decodings, 20)
    assert (model.flow_batches, model.vocoder_batches) == ([3], [3])


def test_flow_runs_only_for_decodings_that_need_it(begin: Begin, model: UnreliableModel) -> None:
    """The flow runs only for the decodings that need more latents, while the vocoder runs once for all decodings."""
    ahead, behind = begin(1, length=90), begin(2, length=90)
    for frames in (30, 2):
        ahead.next(frames)
    for frames in (2, 30):
        behind.next(frames)
    flowed = (ahead._flowed, behind._flowed)
    assert flowed[0] != flowed[1]
    assert ahead.batch_key(4) == behind.batch_key(4)
    model.reset()
    decode_together(model, [ahead, behind], 4)
    assert sum(model.flow_batches) == sum(
        after > before for before, after in zip(flowed, (ahead._flowed, behind._flowed), strict=True)
    )
    assert model.vocoder_batches == [2]


def test_sessions_do_not_keep_the_serialized_models(model: UnreliableModel) -> None:
    """The sessions do not keep the serialized models after loading, because these are as large as the weights."""
    assert [session._model_bytes for session in (model.encoder, model._flow, model._vocoder)] == [b""] * 3
