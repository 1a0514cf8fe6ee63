"""Passes the one voice from utterance to utterance, a step at a time."""
