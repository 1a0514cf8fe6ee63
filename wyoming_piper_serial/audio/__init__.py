"""Model output to the audio that is sent. Synchronous."""
