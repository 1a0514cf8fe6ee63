"""The resources for model runs: onnxruntime provider, threads and memory."""

import contextlib
import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wyoming_piper_serial.exceptions import SettingsError

# onnxruntime is slow to import. The server chooses a device before it starts to listen, and imports onnxruntime only
# afterwards, unless it has to check whether CUDA is available.
if TYPE_CHECKING:
    import onnxruntime

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"

# Estimated bytes of memory per byte of a loaded model, rounded up. For the bundled voice (60 MB), the estimate is about
# 93 MB, and the process grew by 65 to 70 MB. For a voice with negligible weights, the process grew by 20 MB (sessions
# and threads). Working memory is not included: all voices share one arena of 100 to 180 MB (see `share_memory`), whose
# size depends on the longest decoded chunk.
_MEMORY_PER_MODEL_BYTE = 1.2
_MEMORY_PER_VOICE = 20 << 20  # bytes of memory per voice, in addition to its model

# Maximum spin time in microseconds. With a maximum of 20, model runs were slightly slower. With 200, they needed more
# processor time.
_SPIN_MICROSECONDS = 50


@dataclass(frozen=True)
class Device:
    """An onnxruntime provider and its number of threads."""

    provider: str = CPU
    threads: int | None = None
    """Number of threads per session; `None` means one thread per core."""

    def __str__(self) -> str:
        threads = "" if self.threads is None else f", {self.threads} thread{'s' if self.threads > 1 else ''}"
        return f"{self.provider.removesuffix('ExecutionProvider')}{threads}"

    def options(self) -> "onnxruntime.SessionOptions":
        import onnxruntime  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        _limit_spinning(options, onnxruntime.__version__)
        # Use the arena that `share_memory` has registered for the process. Otherwise, each session would keep its own
        # arena of 100 to 180 MB, although each worker runs only one session at a time.
        options.add_session_config_entry("session.use_env_allocators", "1")
        if self.threads is not None:
            options.intra_op_num_threads = self.threads
        return options

    def check(self, session: "onnxruntime.InferenceSession") -> None:
        """Raises SettingsError if onnxruntime could not start this provider and `session` uses another one."""
        if session.get_providers()[0] != self.provider:
            raise SettingsError(f"{self.provider} did not start; the reason is in onnxruntime's messages above.")


def _limit_spinning(options: "onnxruntime.SessionOptions", version: str) -> None:
    """Limits how long a session's threads spin, that is, keep a core busy while they wait for work.

    By default, they spin for milliseconds, even after a run. This takes processor time away from the event loop, from
    the sessions of other voices, and from the quota of a container. However, threads that do not spin must be woken for
    each of the hundreds of operators in a run. A short spin bridges most of these pauses: on a machine with two cores,
    a sentence takes 0.92 times as long as without spinning, and 1.01 times the processor time. If the process is
    stopped and continued every 24 ms, it takes 0.6 to 0.9 times as long. `version` is onnxruntime's version. Before
    version 1.26, the spin time cannot be set, so spinning is turned off.
    """
    if tuple(map(int, version.split(".")[:2])) < (1, 26):
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return
    options.add_session_config_entry("session.intra_op.spin_duration_us", str(_SPIN_MICROSECONDS))
    options.add_session_config_entry("session.force_spinning_stop", "1")  # stops spinning at the end of each run


def quiet_options() -> "onnxruntime.SessionOptions":
    """Returns options for a session that is used only once, without optimizations or warnings.

    The session has one thread regardless of `--threads`, which leaves the other cores to speech.
    """
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return options


def choose_device(*, use_cuda: bool, threads: int | None) -> Device:
    """Returns the device for these settings. Raises SettingsError if `use_cuda` is set but CUDA is not available."""
    if use_cuda and not _has_cuda():
        raise SettingsError(
            "--use-cuda: this onnxruntime does not support CUDA; install onnxruntime-gpu, or omit --use-cuda."
        )
    return Device(CUDA if use_cuda else CPU, threads)


def share_memory(*, keep: bool = True) -> None:
    """Registers one CPU allocator for all sessions that are created with `Device.options`. Must be called once, before
    these sessions are created.

    If `keep` is true, the allocator is an arena, which keeps freed memory for later runs. Otherwise, the allocator
    frees memory at once. This suits a process that runs a session only once.
    """
    import onnxruntime  # noqa: PLC0415

    kind = (
        onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR if keep else onnxruntime.OrtAllocatorType.ORT_DEVICE_ALLOCATOR
    )
    info = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT)
    onnxruntime.create_and_register_allocator(info, None)


def memory_of(size: int) -> int:
    """Returns the estimated memory in bytes of a loaded voice whose model and weights have `size` bytes.

    Returns 0 if `size` is 0, which means that the size is unknown.
    """
    return int(_MEMORY_PER_MODEL_BYTE * size) + _MEMORY_PER_VOICE if size else 0


def trim_heap() -> None:
    """Returns freed memory to the operating system, because glibc would keep it.

    Does nothing if the C library is not glibc.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _has_cuda() -> bool:
    import onnxruntime  # noqa: PLC0415

    return CUDA in onnxruntime.get_available_providers()
