"""Command line, environment and config file to Settings."""
