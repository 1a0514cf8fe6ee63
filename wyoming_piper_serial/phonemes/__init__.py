"""Converts text to phoneme ids."""
