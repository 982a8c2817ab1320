"""Floor 6: the language server: messages in and out, positions in the client's units, one thread that analyses."""
