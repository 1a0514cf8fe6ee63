"""Language data from Unicode CLDR and espeak-ng, and the words that CLDR lacks, such as names of signs and units."""
