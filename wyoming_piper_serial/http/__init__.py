"""The HTTP side, for browsers, curl and OpenAI's clients. It shares the voices and the queue with the Wyoming side."""
