"""Addresses, connection limits and timeouts of the Wyoming and HTTP servers, and the zeroconf announcement."""
