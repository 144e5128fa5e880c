"""Keys, signatures and what exactly is signed."""
