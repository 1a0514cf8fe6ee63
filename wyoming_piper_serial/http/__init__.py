"""The HTTP server for browsers, curl and OpenAI clients. It shares the voices and the queue with the Wyoming server."""
