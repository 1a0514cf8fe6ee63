"""Synchronous speech: text in, samples out. Knows no requests and no event loop."""
