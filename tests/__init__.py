"""gradguard's tests."""
