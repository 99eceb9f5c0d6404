"""The emission as an event-sourced aggregate: decisions from a state and a command, states from events. No I/O at all."""
