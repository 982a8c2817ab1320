"""Floor 5: the workspace: files, configuration, suppression, and what an edit makes necessary again; does not know LSP."""
