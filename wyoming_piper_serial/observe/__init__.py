"""Logs, metrics, the timeline and the trace. They do not affect the behaviour of the server."""
