"""The Wyoming server: connections, framing, and the handling of each event."""
