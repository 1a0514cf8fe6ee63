"""Device: the provider, the number of threads and the memory settings with which a model runs."""

import ctypes

import onnxruntime
import pytest

from tests.fixture_voices import SMALL, FixtureVoices
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.model.device import (
    CPU,
    CUDA,
    Device,
    choose_device,
    memory_of,
    quiet_options,
    share_memory,
    trim_heap,
)


def test_device_names_itself_for_the_log() -> None:
    """`str` of a device contains the short name of its provider, and the number of threads if that number is set."""
    assert str(Device(CPU)) == "CPU"
    assert str(Device(CPU, threads=1)) == "CPU, 1 thread"
    assert str(Device(CUDA, threads=4)) == "CUDA, 4 threads"


def test_sessions_have_the_number_of_threads_that_is_set() -> None:
    """A session uses the number of threads that its device sets. If the device sets no number, onnxruntime gets the
    number 0 and uses one thread for each core."""
    assert Device(CPU, threads=3).options().intra_op_num_threads == 3
    assert Device(CPU).options().intra_op_num_threads == 0


@pytest.mark.parametrize(
    ("version", "entries"),
    [
        ("1.26.0", {"session.intra_op.spin_duration_us": "50", "session.force_spinning_stop": "1"}),
        ("2.0.0.dev1", {"session.intra_op.spin_duration_us": "50", "session.force_spinning_stop": "1"}),
        ("1.20.1", {"session.intra_op.allow_spinning": "0"}),
    ],
)
def test_sessions_spin_only_for_a_moment(
    version: str, entries: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The threads of a session spin for at most 50 microseconds, and not after a run. Older versions of onnxruntime do
    not have this setting, so their threads do not spin."""
    monkeypatch.setattr(onnxruntime, "__version__", version)
    options = Device().options()
    assert {name: options.get_session_config_entry(name) for name in entries} == entries


def test_sessions_share_one_arena() -> None:
    """All sessions share one memory arena."""
    options = Device().options()
    assert options.get_session_config_entry("session.use_env_allocators") == "1"


@pytest.mark.parametrize(("keep", "kind"), [(True, "ORT_ARENA_ALLOCATOR"), (False, "ORT_DEVICE_ALLOCATOR")])
def test_memory_is_kept_only_for_later_runs(keep: bool, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server registers an arena, which keeps freed memory. A process that runs a session only once registers an
    allocator that returns it."""
    registered: list[object] = []
    monkeypatch.setattr(onnxruntime, "OrtMemoryInfo", lambda *arguments: arguments)
    monkeypatch.setattr(onnxruntime, "create_and_register_allocator", lambda info, _: registered.append(info[1]))
    share_memory(keep=keep)
    assert registered == [getattr(onnxruntime.OrtAllocatorType, kind)]


def test_session_that_is_used_once_is_not_optimized(fixture_voices: FixtureVoices) -> None:
    """A session with `quiet_options` does not optimize the graph, has one thread and does not print warnings."""
    model = str(fixture_voices.model(SMALL[0]))
    session = onnxruntime.InferenceSession(model, quiet_options(), providers=[CPU])
    used = session.get_session_options()
    assert used.graph_optimization_level == onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    assert used.log_severity_level == 3
    assert used.intra_op_num_threads == 1


def test_session_must_use_the_provider_of_the_device(fixture_voices: FixtureVoices) -> None:
    """If a session does not use the provider of the device, `check` raises SettingsError, because onnxruntime itself
    only logs this."""
    model = str(fixture_voices.model(SMALL[0]))
    session = onnxruntime.InferenceSession(model, Device().options(), providers=[CPU])
    Device(CPU).check(session)
    with pytest.raises(SettingsError, match="CUDAExecutionProvider did not start"):
        Device(CUDA).check(session)


def test_cuda_is_refused_if_onnxruntime_does_not_support_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--use-cuda` raises SettingsError if onnxruntime does not support CUDA. Without this option, CUDA is never
    used."""
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: [CPU])
    with pytest.raises(SettingsError, match="onnxruntime-gpu"):
        choose_device(use_cuda=True, threads=None)
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: [CUDA, CPU])
    assert choose_device(use_cuda=True, threads=2) == Device(CUDA, 2)
    assert choose_device(use_cuda=False, threads=None) == Device(CPU)


def test_memory_is_estimated_from_the_size_of_the_weights() -> None:
    """The estimated memory of a voice is 20 MiB plus 1.2 times the size of its model and weights. If this size is
    unknown, the estimate is 0."""
    assert memory_of(5000) == (20 << 20) + 6000
    assert memory_of(0) == 0


@pytest.mark.parametrize("error", [OSError("no C library"), TypeError("no name")])
def test_heap_is_not_trimmed_without_glibc(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """`trim_heap` does nothing if the C library is missing or does not have the function `malloc_trim`."""

    def no_library(name: str | None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    trim_heap()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())  # a library without `malloc_trim`
    trim_heap()
