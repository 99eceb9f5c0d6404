"""What can be asked of conferences and what happens to them by themselves; the ports it needs."""
