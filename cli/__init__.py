"""The ``titular`` command."""
