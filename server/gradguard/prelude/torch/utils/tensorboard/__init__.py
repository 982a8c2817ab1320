"""torch.utils.tensorboard: a log that only reads what it is given."""


class SummaryWriter:
    def __init__(self, *args, **kwargs):
        pass

    def __getattr__(self, name):
        return _record


def _record(*args, **kwargs):
    return None
