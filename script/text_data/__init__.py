"""Data that Unicode CLDR does not contain: words for signs, and missing names of units."""
