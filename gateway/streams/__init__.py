"""Live updates: all events of the broker as server-sent events, in a process of their own so that pages stay free."""
