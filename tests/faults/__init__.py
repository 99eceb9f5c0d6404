"""Faults under load: everything that can die dies, and the stores are asked afterwards whether anything was lost or doubled."""
