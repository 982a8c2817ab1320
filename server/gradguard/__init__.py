"""gradguard finds in-place writes that break PyTorch's backward pass."""

__version__ = "0.1.0"
