"""Uses onnxruntime to optimize a graph once, which speeds up the creation of later sessions."""

import logging
import os

import onnxruntime

from wyoming_piper_serial.model.device import quiet_options

_LOGGER = logging.getLogger(__name__)


def optimized(model: bytes) -> bytes | None:
    """Applies the device-independent optimizations to the serialized `model` and returns the result.

    Returns `None` if the operating system is not Linux: onnxruntime writes the result only to a file, and only Linux
    supports files in memory. Also returns `None` if the optimization fails, for example because such files are
    forbidden.
    """
    if not hasattr(os, "memfd_create"):
        return None
    try:
        return _optimized(model)
    except Exception as error:  # noqa: BLE001 -- the model can be used as it is
        _LOGGER.info("the graph could not be optimized (%r)", error)
        return None


def _optimized(model: bytes) -> bytes:
    """Does the same as `optimized`, but raises OSError and onnxruntime's exceptions."""
    file = os.memfd_create("optimized")
    try:
        options = quiet_options()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = f"/proc/self/fd/{file}"
        onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return os.pread(file, os.fstat(file).st_size, 0)
    finally:
        os.close(file)
