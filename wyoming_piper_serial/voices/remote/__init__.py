"""Public voices: the list of them, and the download of their files."""
