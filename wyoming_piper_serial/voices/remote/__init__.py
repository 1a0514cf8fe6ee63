"""Public voices: the list of them, and how their files get here."""
