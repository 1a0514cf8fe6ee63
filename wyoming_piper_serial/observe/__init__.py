"""Counts, the timeline, and their formats: JSON and Prometheus. Nothing here affects what the server does."""
