"""One function per command, question or consumed event; what they need of the world are the ports."""
