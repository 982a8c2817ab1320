"""Floor 1: what each torch operator saves, writes and returns as a view; knows nothing of Python's syntax."""
