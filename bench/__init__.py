"""Measurements of the product beside what people would use otherwise."""
