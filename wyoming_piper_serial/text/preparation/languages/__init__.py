"""Rules of single languages, one module for each language. A module is imported when a voice of its language is
used."""
