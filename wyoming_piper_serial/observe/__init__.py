"""What happened: counts, the time line, and how they are shown. Decides nothing."""
