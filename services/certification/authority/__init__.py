"""The certification authority with keys in encrypted files: root, issuing authority, time-stamping service."""
