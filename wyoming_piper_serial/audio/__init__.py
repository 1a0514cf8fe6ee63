"""Samples to what is sent. Synchronous."""
