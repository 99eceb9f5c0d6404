"""The registry: people by CPF, one registration per office."""
