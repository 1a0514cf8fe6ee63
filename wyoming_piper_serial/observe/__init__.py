"""Records what the server does: logs, metrics, the timeline and the trace. Does not affect the server's behaviour."""
