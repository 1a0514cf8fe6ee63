"""The Wyoming server: connections, framing, and what each event does."""
