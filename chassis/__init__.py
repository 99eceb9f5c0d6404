"""What every service stands on and that knows no domain."""
