"""One Piper voice, which converts text to phoneme ids and these to samples. Synchronous, without an event loop."""
