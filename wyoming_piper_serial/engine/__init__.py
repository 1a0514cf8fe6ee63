"""Shares the voices among the utterances in the queue, one step at a time."""
