"""What Unicode CLDR does not contain: words for signs, and names of units that it lacks."""
