"""One Wyoming connection: events in, actions, events out."""
