"""Anomaly mode changes a hint in the message, nothing else."""


class detect_anomaly:
    def __init__(self, check_nan=True):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass


class set_detect_anomaly:
    def __init__(self, mode, check_nan=True):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass
