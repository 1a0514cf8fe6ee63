"""The HTTP server for browsers, curl and OpenAI clients. It shares voices and queue with the Wyoming server."""
