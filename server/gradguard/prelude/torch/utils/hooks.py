"""torch.utils.hooks."""


class RemovableHandle:
    """Takes a hook off its owner's list again."""

    def __init__(self, owner, kind, function, with_kwargs=False):
        self.owner = owner
        self.kind = kind
        self.function = function
        self.with_kwargs = with_kwargs

    def remove(self):
        remaining = [handle for handle in self.owner._hooks or [] if handle is not self]
        self.owner._hooks = remaining or None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.remove()
