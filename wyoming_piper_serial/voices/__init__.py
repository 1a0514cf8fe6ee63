"""Voices on disk and in memory."""
