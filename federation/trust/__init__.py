"""The verified registry: who is a member, by which keys, on whose word."""
