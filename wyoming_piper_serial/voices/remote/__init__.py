"""Reads the list of public voices, and downloads voices from a web server."""
