"""What the bank is about, as values and rules: no IO, no clock, no chance."""
