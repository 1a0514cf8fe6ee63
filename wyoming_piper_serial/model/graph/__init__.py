"""A Piper graph cut into encoder, flow and vocoder, and run on windows of frames."""
