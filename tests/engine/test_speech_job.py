"""The part of an utterance that runs in the worker thread: the steps of a single job, and the steps of several jobs
together."""

import logging
from collections.abc import Sequence

import pytest

from tests.fakes import SAMPLE_RATE, SAMPLES_PER_ID, FakeVoice, failing_on, ids_of, pcm_of
from wyoming_piper_serial.audio.pcm import silence
from wyoming_piper_serial.audio.resampling import Resampler
from wyoming_piper_serial.engine.costs import Kind, Work
from wyoming_piper_serial.engine.speech_job import JobStep, SpeechJob, StepResult, run_step
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.protocols import FloatSamples, Speech, SynthesisOptions
from wyoming_piper_serial.settings import SynthesisSettings


def speech_job(voice: FakeVoice, synthesis: SynthesisSettings | None = None) -> SpeechJob:
    return SpeechJob(voice, SynthesisOptions(synthesis=synthesis or SynthesisSettings()))


def encoding(job: SpeechJob, text: str, *, last: bool = False) -> JobStep:
    return JobStep(job, Work("v", Kind.ENCODE, len(text)), ids_of(text), last)


def decoding(job: SpeechJob, frames: int, *, last: bool = False) -> JobStep:
    return JobStep(job, Work("v", Kind.DECODE, frames), last=last)


def all_pcm(job: SpeechJob, *sentences: str) -> bytes:
    """Run all steps of a job whose complete text is `sentences`, and return the PCM."""
    pcm = b""
    for number, sentence in enumerate(sentences, 1):
        last = number == len(sentences)
        pcm += encoding(job, sentence, last=last).run()
        while job.unfinished:
            pcm += decoding(job, min(20, job.frames), last=last).run()
    return pcm


def test_a_sentence_is_encoded_and_then_decoded_in_chunks() -> None:
    """A sentence is encoded and then decoded in chunks. After the last frame, the job needs no further step."""
    job = speech_job(FakeVoice())
    assert encoding(job, "seven letters").run() == b""
    assert (job.unfinished, job.frames, job.chunks) == (True, 13, 0)
    made = decoding(job, 5).run()
    assert (job.unfinished, job.frames, job.chunks) == (True, 8, 1)
    assert made + decoding(job, 8).run() == pcm_of("seven letters")
    assert (job.unfinished, job.frames, job.chunks) == (False, 0, 0)


def test_silence_is_made_before_each_sentence_but_the_first() -> None:
    """`sentence_silence` precedes each sentence except the first."""
    job = speech_job(FakeVoice(), SynthesisSettings(sentence_silence=0.5))
    assert all_pcm(job, "one", "two") == pcm_of("one") + silence(0.5, SAMPLE_RATE) + pcm_of("two")


@pytest.mark.parametrize("rate", [None, 16_000])
def test_start_of_a_sentence_includes_the_silence_before_it(rate: int | None) -> None:
    """The start of a sentence is the duration of all audio before it, at any sample rate."""
    job = speech_job(FakeVoice(), SynthesisSettings(sentence_silence=0.5, sample_rate=rate))
    begun = []
    for text in ("one", "four"):
        all_pcm(job, text)
        begun.append(job.last_begun)
    second = 3 * SAMPLES_PER_ID / SAMPLE_RATE + 0.5
    assert begun == [(0.0, [1, 1, 1]), (pytest.approx(second), [1, 1, 1, 1])]


def test_the_last_step_of_the_last_text_returns_what_the_resampler_held_back() -> None:
    """The last step of the text also returns the samples held back by the resampler, so no further step is needed."""
    job = speech_job(FakeVoice(), SynthesisSettings(sample_rate=48_000))
    resampler = Resampler(SAMPLE_RATE, 48_000)
    assert all_pcm(job, "hello.") == resampler.add(pcm_of("hello.")) + resampler.finish()
    assert not job.holds_back


def test_what_was_held_back_can_be_finished_later() -> None:
    """If the text ends after the last step, a FINISH step returns the samples held back by the resampler."""
    job = speech_job(FakeVoice(), SynthesisSettings(sample_rate=48_000))
    encoding(job, "hello.").run()
    made = decoding(job, 6).run()
    assert (job.unfinished, job.holds_back) == (False, True)
    resampler = Resampler(SAMPLE_RATE, 48_000)
    assert made + JobStep(job, Work("v", Kind.FINISH, 1)).run() == resampler.add(pcm_of("hello.")) + resampler.finish()
    assert not job.holds_back


def test_decoding_needs_an_encoded_sentence() -> None:
    """A decoding step for a job without an encoded sentence raises RuntimeError, because the engine must not request
    it."""
    job = speech_job(FakeVoice())
    assert job.batch_key(5) is None
    with pytest.raises(RuntimeError, match="no sentence is encoded"):
        decoding(job, 5).run()


@pytest.mark.parametrize("error", [SynthesisFailed("no"), MemoryError(), SystemExit(1)])
def test_the_result_of_a_step_is_its_pcm_or_its_error(error: BaseException) -> None:
    """`run_step` returns the PCM of a step, or the exception that the step raised. `run_step` itself never raises an
    exception."""

    def run(text: str) -> None:
        if "bad" in text:
            raise error

    good, bad = speech_job(FakeVoice()), speech_job(FakeVoice(on_run=run))
    assert run_step([encoding(good, "good.")]) == [b""]
    assert run_step([decoding(good, 5)]) == [pcm_of("good.")]
    run_step([encoding(bad, "bad.")])
    assert run_step([decoding(bad, 4)]) == [error]


def begun(voice: FakeVoice, *texts: str) -> list[SpeechJob]:
    """Return jobs that have decoded their first letter. The samples of this letter are still in the limiter."""
    jobs = [speech_job(voice) for _ in texts]
    for job, text in zip(jobs, texts, strict=True):
        encoding(job, text).run()
        assert decoding(job, 1).run() == b""
    return jobs


def together(jobs: list[SpeechJob], frames: int) -> list[StepResult]:
    return run_step([decoding(job, frames) for job in jobs])


def test_several_steps_are_made_by_one_model_run() -> None:
    """Steps of equal shape are decoded in one model run. The results are in the order of the steps."""
    voice = FakeVoice()
    texts = ["first words", "other words", "third words"]
    jobs = begun(voice, *texts)
    assert len({job.batch_key(10) for job in jobs}) == 1
    assert together(jobs, 10) == [pcm_of(text) for text in texts]
    assert voice.batches == [3]
    assert not any(job.unfinished for job in jobs)


def test_a_model_run_that_fails_is_repeated_for_each_alone(caplog: pytest.LogCaptureFixture) -> None:
    """If a model run for several steps raises an exception, each step is run separately, and only the failing step
    returns an error."""
    voice = FakeVoice(on_later_chunk=failing_on("bad"))
    jobs = begun(voice, "good words", "a bad one.")
    good, bad = together(jobs, 9)
    assert good == pcm_of("good words")
    assert isinstance(bad, SynthesisFailed)
    assert caplog.messages == [
        "chunks could not be decoded together (SynthesisFailed('The voice could not speak this text.'))"
    ]
    assert caplog.records[0].levelno == logging.WARNING


def test_an_error_of_one_in_a_model_run_is_its_result() -> None:
    """If a model run for several steps returns an error for one utterance, the other utterances still get their
    samples."""
    error = SynthesisFailed("no sound")

    class HalfBroken(FakeVoice):
        def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
            _, *others = super().decode_together(speeches, frames)
            return [error, *others]

    jobs = begun(HalfBroken(), "bad words", "all words")
    assert together(jobs, 8) == [error, pcm_of("all words")]
