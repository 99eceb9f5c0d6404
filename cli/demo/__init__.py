"""One whole emission through the pages, shown step by step and checked by other programs."""
