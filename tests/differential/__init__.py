"""Random programs under gradguard and under torch, compared."""
