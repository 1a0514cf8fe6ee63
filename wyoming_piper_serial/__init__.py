"""A Wyoming text-to-speech server that shares one lock-serialized Piper voice."""

__version__ = "0.1.0"
