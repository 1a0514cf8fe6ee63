"""What every way in has in common: addresses, who may come in, and who has stopped reading."""
