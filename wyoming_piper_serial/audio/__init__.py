"""Pure, numpy: samples to what is sent."""
