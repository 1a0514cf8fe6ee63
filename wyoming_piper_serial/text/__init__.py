"""Cleans text, splits it into sentences, and converts the sentences to their spoken form.

This package does no I/O, except that it reads the data of a language on first use.
"""
