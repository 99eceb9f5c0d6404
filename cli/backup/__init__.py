"""``titular backup`` and ``titular restore``: all stores of one machine's stack, as they were at one instant."""
