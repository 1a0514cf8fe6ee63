"""Addresses, connection limits, timeouts and the zeroconf announcement, for the Wyoming and the HTTP server."""
