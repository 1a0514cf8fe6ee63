"""What both servers use for their connections: addresses, limits, timeouts, and the announcement by zeroconf."""
