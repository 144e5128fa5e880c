"""What provinces and the coordinator share: names, trust, log, protocol and transport."""
