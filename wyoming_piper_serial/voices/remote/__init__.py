"""Reads the list of public voices and downloads their files."""
