"""The term of ownership: a PDF/A that the holder signs on the phone, made in a process of its own."""
