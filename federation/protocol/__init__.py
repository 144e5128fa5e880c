"""What provinces say to each other and in which order: pure, without bytes on a wire."""
