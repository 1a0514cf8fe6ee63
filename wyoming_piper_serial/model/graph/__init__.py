"""Cuts a Piper graph into encoder, flow and vocoder, and runs these parts on windows of frames."""
