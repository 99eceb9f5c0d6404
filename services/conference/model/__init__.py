"""The conference, pure: its state, its decisions, the events they make and the holder's join token."""
