"""Pure functions from what people write to what can be spoken."""
