"""torch.backends: switches that change speed, not gradients."""
