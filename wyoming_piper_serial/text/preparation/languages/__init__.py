"""Rules for single languages, in one module for each. A module is imported when a voice of its language is used."""
