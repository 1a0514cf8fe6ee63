"""What model runs use of the machine: the onnxruntime provider, threads and memory."""

import contextlib
import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wyoming_piper_serial.exceptions import SettingsError

# onnxruntime is slow to import. The server chooses a device before it listens and imports onnxruntime afterwards.
if TYPE_CHECKING:
    import onnxruntime

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"

# Measured growth of the process: 65 to 70 MB for the bundled voice, whose model has 60 MB, and 20 MB (sessions,
# threads) for a voice with negligible weights. Working memory is not included: all voices share one arena
# (`share_memory`), which grows to 100 to 180 MB with the longest chunk decoded so far.
_MEMORY_PER_MODEL_BYTE = 1.2
_MEMORY_PER_VOICE = 20 << 20  # bytes


@dataclass(frozen=True)
class Device:
    """An onnxruntime provider and its threads."""

    provider: str = CPU
    threads: int | None = None
    """Threads of each session; `None` means one for each core."""

    def __str__(self) -> str:
        threads = "" if self.threads is None else f", {self.threads} thread{'s' if self.threads > 1 else ''}"
        return f"{self.provider.removesuffix('ExecutionProvider')}{threads}"

    def options(self) -> "onnxruntime.SessionOptions":
        import onnxruntime  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        # Each session has its own threads. By default they spin for a while after a run. They would take the cores from
        # the session that runs next, and those of an idle voice would take them from the voice in use.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        # Use the arena that `share_memory` has registered for the process. With an arena of its own, each session would
        # keep 100 to 180 MB for the longest chunk it ever ran, although only one session runs at a time.
        options.add_session_config_entry("session.use_env_allocators", "1")
        if self.threads is not None:
            options.intra_op_num_threads = self.threads
        return options

    def check(self, session: "onnxruntime.InferenceSession") -> None:
        """Raises SettingsError if the session does not use this provider: onnxruntime falls back to another one."""
        if session.get_providers()[0] != self.provider:
            raise SettingsError(f"{self.provider} did not start; the reason is in onnxruntime's messages above.")


def choose_device(*, use_cuda: bool, threads: int | None) -> Device:
    """Raises SettingsError if CUDA is requested and this onnxruntime has none."""
    if use_cuda and not _has_cuda():
        raise SettingsError(
            "--use-cuda: this onnxruntime has no CUDA; install onnxruntime-gpu, or leave --use-cuda out."
        )
    return Device(CUDA if use_cuda else CPU, threads)


def share_memory() -> None:
    """Register one CPU memory arena for all sessions of the process. Call once, before the first session."""
    import onnxruntime  # noqa: PLC0415

    info = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(info, None)


def memory_of(model: Path) -> int:
    """Estimated bytes of memory of a loaded voice; 0 if the model does not exist."""
    size = 0
    for file in (model, model.with_name(f"{model.name}.data")):  # newer exporters write the weights to a second file
        with contextlib.suppress(OSError):
            size += file.stat().st_size
    return int(_MEMORY_PER_MODEL_BYTE * size) + _MEMORY_PER_VOICE if size else 0


def trim_heap() -> None:
    """Return freed memory to the system. After cutting a model, glibc keeps three times the size of the model.

    Does nothing if the C library is not glibc.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _has_cuda() -> bool:
    import onnxruntime  # noqa: PLC0415

    return CUDA in onnxruntime.get_available_providers()
