"""A Piper graph cut into encoder, flow and vocoder, and run in windows of frames."""
