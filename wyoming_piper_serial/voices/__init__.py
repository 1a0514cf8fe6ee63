"""Finds voices on disk and keeps them in memory."""
