"""Rewrites numbers, units, dates and abbreviations in the words that a person would use."""
