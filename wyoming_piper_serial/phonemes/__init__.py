"""Converts text to the phoneme ids that a voice's model expects."""
