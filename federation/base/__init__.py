"""Names, amounts, reasons, clock and entropy: values that every other room is built from."""
