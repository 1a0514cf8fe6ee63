"""Written text is cut into sentences that can be spoken. Pure."""
