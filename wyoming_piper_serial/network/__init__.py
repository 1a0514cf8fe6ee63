"""Addresses, connection limits, timeouts and zeroconf announcement for the Wyoming and HTTP servers."""
