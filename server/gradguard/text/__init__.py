"""Floor 1: documents, positions and top-level statements; knows neither torch nor LSP."""
