"""Rewrites numbers, units, dates and abbreviations as the words that a person would say."""
