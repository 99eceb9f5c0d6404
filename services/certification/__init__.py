"""The emission of a certificate: its history, the holder's phone, the authority and the term."""
