"""Schedules and runs the steps of the queued utterances. Each worker thread runs one step at a time."""
