"""Logs, metrics, the timeline and the trace. None of these affects the behaviour of the server."""
