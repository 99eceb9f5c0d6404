"""Notify: e-mail and SMS to the holder, and what became of them."""
