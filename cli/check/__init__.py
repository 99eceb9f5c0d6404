"""``titular check``: whether everything that the histories speak of is there, and as they say."""
