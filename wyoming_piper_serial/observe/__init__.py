"""Logs, metrics, the timeline and the trace, which do not affect the behaviour of the server."""
