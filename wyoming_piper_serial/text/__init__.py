"""Written text to sentences that can be spoken. Pure."""
