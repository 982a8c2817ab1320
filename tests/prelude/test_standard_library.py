"""The standard library's models beside the library: expressions that are true in Python are known to be true here."""

from __future__ import annotations

import pytest

from tests.prelude.judges import gradguard_reports

SETUP = """\
import abc, argparse, collections, contextlib, copy, dataclasses, enum, functools, itertools, math, operator, typing
import torch
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from typing import NamedTuple

Pair = namedtuple("Pair", "first second third", defaults=[5])


class Point(NamedTuple):
    x: int
    y: int = 3


@dataclasses.dataclass
class Base:
    a: int
    b: int = 2


@dataclasses.dataclass(eq=False)
class Derived(Base):
    c: list = dataclasses.field(default_factory=list)
    d: int = dataclasses.field(default=0, init=False)

    def __post_init__(self):
        object.__setattr__(self, "total", self.a + self.b)


@dataclasses.dataclass
class Config:
    lr: float = 0.1
    names: tuple = ("a",)


class Color(enum.Enum):
    RED = 1
    BLUE = enum.auto()

    def doubled(self):
        return self.value * 2


class Mode(str, enum.Enum):
    TRAIN = "train"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


parser = argparse.ArgumentParser()
parser.add_argument("--lr-rate", type=float, default="0.1")
parser.add_argument("-n", "--num", type=int, default=3)
parser.add_argument("--flag", action="store_true")
parser.add_argument("--off", action="store_false")
parser.add_argument("--out", dest="target", default=None)
options = parser.parse_args([])


@contextlib.contextmanager
def opened(value, log):
    log.append("in")
    try:
        yield value + 1
    finally:
        log.append("out")


def used():
    log = []
    with opened(3, log) as value:
        log.append(value)
    return log


def suppressed():
    with contextlib.suppress(ValueError):
        raise ValueError("x")
    return True


def stacked():
    log = []
    with contextlib.ExitStack() as stack:
        stack.callback(log.append, 1)
        value = stack.enter_context(opened(1, log))
    return value, log


class Lazy:
    @functools.cached_property
    def made(self):
        return [1]


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


class Square(Shape):
    def area(self):
        return 4


def moved():
    d = deque([1, 2, 3], maxlen=3)
    d.append(4)
    d.appendleft(0)
    return list(d)


def grouped():
    groups = defaultdict(list)
    for key, value in [("a", 1), ("b", 2), ("a", 3)]:
        groups[key].append(value)
    return groups


lazy = Lazy()
"""

EXPRESSIONS = """
Pair(1, second=2) == (1, 2, 5)
Pair(1, 2).third == 5 and Pair(1, 2)[1] == 2 and len(Pair(1, 2)) == 3
Pair(1, 2)._replace(first=7).first == 7
Pair._fields == ("first", "second", "third")
[x for x in Pair(1, 2)] == [1, 2, 5]
isinstance(Pair(1, 2), tuple)
Point(2).x == 2 and Point(2).y == 3 and Point(1, y=4)[1] == 4
grouped()["a"] == [1, 3] and grouped()["c"] == [] and len(grouped()) == 2
"a" in grouped() and grouped().get("z") is None
moved() == [0, 2, 3]
Counter(["a", "b", "a"])["a"] == 2 and Counter()["z"] == 0
list(OrderedDict([("x", 1), ("y", 2)])) == ["x", "y"]
Derived(1).b == 2 and Derived(1, c=[7]).c == [7] and Derived(1, 4).total == 5 and Derived(1).d == 0
dataclasses.replace(Config(), lr=0.5).lr == 0.5 and dataclasses.asdict(Config()) == {"lr": 0.1, "names": ("a",)}
[f.name for f in dataclasses.fields(Config)] == ["lr", "names"]
Color.RED is Color.RED and Color.RED.value == 1 and Color.BLUE.value == 2 and Color.RED is not Color.BLUE
Color.BLUE.doubled() == 4 and Color.RED.name == "RED" and Color(2) is Color.BLUE
Level.HIGH == 2 and Level.LOW != Level.HIGH
options.lr_rate == 0.1 and options.num == 3 and options.flag is False and options.off is True and options.target is None
used() == ["in", 4, "out"]
suppressed()
stacked() == (2, ["in", "out", 1])
lazy.made is lazy.made
Square().area() == 4 and isinstance(Square(), Shape)
math.sqrt(16) == 4 and math.ceil(2.5) == 3 and math.floor(-0.5) == -1 and math.log2(8) == 3 and math.prod([2, 3]) == 6
functools.partial(pow, 2)(3) == 8 and functools.reduce(lambda a, b: a + b, [1, 2, 3]) == 6
functools.reduce(lambda a, b: a * b, [], 5) == 5
list(itertools.chain([1], [2, 3])) == [1, 2, 3] and list(itertools.chain.from_iterable([[1], [2]])) == [1, 2]
list(itertools.product([1, 2], "ab")) == [(1, "a"), (1, "b"), (2, "a"), (2, "b")]
list(zip(itertools.count(2), "ab")) == [(2, "a"), (3, "b")]
list(itertools.combinations([1, 2, 3], 2)) == [(1, 2), (1, 3), (2, 3)]
list(itertools.permutations([1, 2])) == [(1, 2), (2, 1)] and list(itertools.pairwise([1, 2, 3])) == [(1, 2), (2, 3)]
list(itertools.zip_longest([1], [2, 3], fillvalue=0)) == [(1, 2), (0, 3)]
list(itertools.accumulate([1, 2, 3])) == [1, 3, 6] and list(itertools.islice([1, 2, 3, 4], 1, 3)) == [2, 3]
list(itertools.takewhile(lambda x: x < 3, [1, 2, 3, 1])) == [1, 2] and list(itertools.repeat(1, 2)) == [1, 1]
operator.itemgetter(1)([4, 5]) == 5 and operator.attrgetter("lr")(Config()) == 0.1 and operator.add(1, 2) == 3
copy.copy([1]) == [1] and copy.deepcopy({"a": [1]})["a"] == [1] and copy.copy(lazy) is not lazy
typing.cast(int, 3) == 3 and typing.TYPE_CHECKING is False
""".strip().splitlines()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_is_known_to_be_true(expression: str) -> None:
    names: dict[str, object] = {}
    exec(SETUP, names)
    assert eval(expression, names)
    program = (
        f"root = torch.ones(3, requires_grad=True).exp()\nif {expression}:\n    root += 1\nroot.sum().backward()\n"
    )
    assert gradguard_reports(SETUP + program)
