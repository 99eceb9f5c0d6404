"""The capacity of a whole country: a seeded simulation of a national day, fed with measured service times."""
