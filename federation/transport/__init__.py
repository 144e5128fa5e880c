"""What travels between machines: mutual TLS, the gate, clients of peers and coordinator."""
