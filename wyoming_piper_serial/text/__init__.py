"""Splits text into sentences that can be spoken. Pure."""
