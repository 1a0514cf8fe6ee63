"""Turns the output of a model into the audio that is sent to clients. Synchronous."""
