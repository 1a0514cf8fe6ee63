"""Cleans text, splits it into sentences, and converts the sentences to their spoken form. Pure."""
