"""What the services say to one another: events, operations, errors. Shapes only, no I/O and no framework."""
