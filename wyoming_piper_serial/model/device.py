"""What model runs run on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wyoming_piper_serial.exceptions import SettingsError

# onnxruntime is imported where it is used: the server chooses a device before it listens, and imports it after.
if TYPE_CHECKING:
    import onnxruntime

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"


@dataclass(frozen=True)
class Device:
    """An onnxruntime provider and its threads."""

    provider: str = CPU
    threads: int | None = None
    """For each session's runs; `None` is one for each core."""

    def __str__(self) -> str:
        threads = "" if self.threads is None else f", {self.threads} thread{'s' if self.threads > 1 else ''}"
        return f"{self.provider.removesuffix('ExecutionProvider')}{threads}"

    def options(self) -> "onnxruntime.SessionOptions":
        import onnxruntime  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        # Each session has its own threads. Left to spin after a run, they take the cores from the next
        # part's, and those of an idle voice from the one that speaks.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        # One arena for all of the process, where `share_memory` has made it: each would keep 100 to 180 MB of its
        # own for the longest chunk it ever made, and only one runs at a time.
        options.add_session_config_entry("session.use_env_allocators", "1")
        if self.threads is not None:
            options.intra_op_num_threads = self.threads
        return options

    def check(self, session: "onnxruntime.InferenceSession") -> None:
        """Raises SettingsError where another provider is really in use."""
        if session.get_providers()[0] != self.provider:
            raise SettingsError(f"{self.provider} did not start; the reason is in onnxruntime's messages above.")


def share_memory() -> None:
    """Let all sessions of the process take their working memory from one arena. Once, before the first is made."""
    import onnxruntime  # noqa: PLC0415

    info = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(info, None)


def choose_device(*, use_cuda: bool, threads: int | None) -> Device:
    """Raises SettingsError where CUDA is asked for and not there."""
    if use_cuda and not _has_cuda():
        raise SettingsError(
            "--use-cuda: this onnxruntime has no CUDA; install onnxruntime-gpu, or leave --use-cuda out."
        )
    return Device(CUDA if use_cuda else CPU, threads)


def _has_cuda() -> bool:
    import onnxruntime  # noqa: PLC0415

    return CUDA in onnxruntime.get_available_providers()
