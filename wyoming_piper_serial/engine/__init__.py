"""Shares the voices among the utterances in the queue, a step at a time."""
