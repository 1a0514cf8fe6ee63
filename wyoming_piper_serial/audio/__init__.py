"""Converts the samples from a model to the audio that is sent to clients. All functions are synchronous."""

SAMPLE_WIDTH = 2
"""Number of bytes per PCM sample. Samples are signed little-endian 16-bit integers."""
