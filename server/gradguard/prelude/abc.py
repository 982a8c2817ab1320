"""abc."""


class ABC:
    pass


class ABCMeta(type):
    pass


def abstractmethod(funcobj):
    return funcobj


def abstractproperty(fget):
    return property(fget)


def abstractclassmethod(funcobj):
    return classmethod(funcobj)


def abstractstaticmethod(funcobj):
    return staticmethod(funcobj)
