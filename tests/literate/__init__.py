"""Markdown as tests: programs with marks on their lines, judged by gradguard and by torch independently.

The form is described in `README.md` beside this file; `plugin.py` makes pytest tests of the documents.
"""
