"""Messages as bytes: strict protocol buffers, signed batches, status codes."""
