"""enum: the plain values of the class body become its members."""

import _gradguard as gg


class auto:
    pass


class EnumMeta(type):
    def __iter__(cls):
        return iter(list(cls._members.values()))

    def __len__(cls):
        return len(cls._members)

    def __getitem__(cls, name):
        return cls._members[name]

    def __contains__(cls, value):
        return any(value is member or value == member.value for member in cls._members.values())


EnumType = EnumMeta


class Enum(metaclass=EnumMeta):
    _members = {}

    def __init_subclass__(cls):
        members = {}
        for name, value in list(cls.__dict__.items()):
            if not name.startswith("_") and isinstance(value, (int, float, str, tuple, auto)):
                members[name] = _member(cls, name, len(members) + 1 if isinstance(value, auto) else value)
        cls._members = members
        for name, member in members.items():
            setattr(cls, name, member)

    def __new__(cls, value):
        for member in cls._members.values():
            if member.value == value:
                return member
        return gg.unknown()


def _member(cls, name, value):
    member = super(Enum, cls).__new__(cls)
    member.name = name
    member.value = value
    member._value_ = value
    return member


class _Comparable(Enum):
    def __eq__(self, other):
        return self.value == (other.value if isinstance(other, Enum) else other)

    def __str__(self):
        return str(self.value)

    def __int__(self):
        return self.value


class IntEnum(_Comparable):
    pass


class StrEnum(_Comparable):
    pass


class Flag(Enum):
    pass


class IntFlag(_Comparable):
    pass


def unique(enumeration):
    return enumeration
