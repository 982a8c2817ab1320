"""threading: a thread runs when it is started, to its end."""


class Thread:
    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        self.target = target
        self.name = name
        self.args = args
        self.kwargs = kwargs or {}
        self.daemon = daemon

    def run(self):
        if self.target is not None:
            self.target(*self.args, **self.kwargs)

    def start(self):
        self.run()

    def join(self, timeout=None):
        pass

    def is_alive(self):
        return False


class Lock:
    def acquire(self, blocking=True, timeout=-1):
        return True

    def release(self):
        pass

    def __enter__(self):
        return True

    def __exit__(self, kind, value, trace):
        pass


RLock = Lock
Semaphore = Lock


class local:
    pass
