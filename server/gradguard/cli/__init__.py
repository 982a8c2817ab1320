"""Floor 6: the command line, one of the two faces; thin."""
