"""Evidence for third parties: transcripts, exported logs, and what can be derived from them."""
