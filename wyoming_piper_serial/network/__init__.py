"""Addresses, connection limits and timeouts, which both servers use, and the announcement by zeroconf."""
