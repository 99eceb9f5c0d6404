"""The recording's video, pure: its state, its decisions, and who is visible when."""
