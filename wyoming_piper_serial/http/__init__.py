"""The HTTP side: the same voice and the same queue, for browsers, curl and OpenAI's clients."""
