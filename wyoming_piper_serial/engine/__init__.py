"""Schedules the steps of the queued utterances on the voices, one step at a time."""
