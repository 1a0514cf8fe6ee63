"""Shares the voices among the queued utterances, one step at a time."""
