"""Piper voices, which convert text to phoneme ids and phoneme ids to samples. Synchronous, without an event loop."""
