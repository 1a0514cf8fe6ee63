"""One Piper voice: text to phoneme ids to samples. Synchronous; knows neither requests nor an event loop."""
