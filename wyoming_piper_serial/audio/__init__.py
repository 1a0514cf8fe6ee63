"""Converts model output to the audio that is sent to clients. All calls are synchronous."""

SAMPLE_WIDTH = 2
"""Number of bytes per PCM sample. Samples are signed little-endian 16-bit integers."""
