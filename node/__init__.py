"""A province's own node: its rules, its ledger, its doors."""
