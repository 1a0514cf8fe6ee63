"""Converts the output of a model to the audio that is sent to clients. All calls are synchronous."""

SAMPLE_WIDTH = 2
"""Number of bytes in one PCM sample, which is a signed little-endian 16-bit integer."""
