"""A Piper voice: converts text to phoneme ids, and phoneme ids to samples. Synchronous, without an event loop."""
