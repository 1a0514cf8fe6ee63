"""What both servers need for their connections: addresses, limits, timeouts, and the announcement by zeroconf."""
