"""The Wyoming server: connections, framing and event handling."""
