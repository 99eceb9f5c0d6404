"""The only HTTP face."""
