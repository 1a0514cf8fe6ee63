"""Cleans text, splits it into sentences, and rewrites the sentences as they are spoken. Pure."""
