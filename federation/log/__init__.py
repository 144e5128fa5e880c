"""The Merkle log of a node: hashes, proofs, tree shape, signed checkpoints."""
