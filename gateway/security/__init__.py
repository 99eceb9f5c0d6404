"""Who is at the gate: accounts, sign-in, roles and offices, and the record of refusals."""
