"""Edits to open files: the reports equal those of an analysis from scratch, and little is analysed again."""
