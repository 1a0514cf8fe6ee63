"""Piper voices, which convert text to phoneme ids and phoneme ids to samples. This package does not use asyncio."""
