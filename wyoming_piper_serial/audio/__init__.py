"""Converts the output of a model to the audio that is sent to clients. All calls are synchronous."""
