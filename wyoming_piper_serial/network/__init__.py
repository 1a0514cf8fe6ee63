"""Addresses, connection limits, timeouts, the PROXY protocol, systemd and zeroconf for the Wyoming and HTTP servers."""
