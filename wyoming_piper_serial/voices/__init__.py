"""Finds, downloads and loads voices."""
