"""What a node does, on the ports that it declares; no library of storage or network here."""
