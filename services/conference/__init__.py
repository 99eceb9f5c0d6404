"""Conference: rooms, join links, presence and the state of the recording."""
