"""itertools, as generators."""


def _chained(iterables):
    for iterable in iterables:
        for item in iterable:
            yield item


class chain:
    def __new__(cls, *iterables):
        return _chained(iterables)

    @classmethod
    def from_iterable(cls, iterables):
        return _chained(iterables)


def count(start=0, step=1):
    while True:
        yield start
        start = start + step


def cycle(iterable):
    items = list(iterable)
    while True:
        for item in items:
            yield item


def repeat(object, times=None):
    if times is None:
        return _forever(object)
    return iter([object] * times)


def _forever(value):
    while True:
        yield value


def islice(iterable, *bounds):
    window = slice(*bounds)
    start = window.start or 0
    step = window.step or 1
    index = 0
    for item in iterable:
        if window.stop is not None and index >= window.stop:
            return
        if index >= start and (index - start) % step == 0:
            yield item
        index += 1


def takewhile(predicate, iterable):
    for item in iterable:
        if not predicate(item):
            return
        yield item


def dropwhile(predicate, iterable):
    dropping = True
    for item in iterable:
        dropping = dropping and predicate(item)
        if not dropping:
            yield item


def starmap(function, iterable):
    for arguments in iterable:
        yield function(*arguments)


def filterfalse(predicate, iterable):
    for item in iterable:
        if not (item if predicate is None else predicate(item)):
            yield item


def zip_longest(*iterables, fillvalue=None):
    columns = [list(iterable) for iterable in iterables]
    for index in range(max([len(column) for column in columns])):
        yield tuple([column[index] if index < len(column) else fillvalue for column in columns])


def product(*iterables, repeat=1):
    rows = [()]
    for pool in [list(iterable) for iterable in iterables] * repeat:
        rows = [(*row, item) for row in rows for item in pool]
    return iter(rows)


def combinations(iterable, r):
    return iter(_combinations(list(iterable), r))


def _combinations(pool, r):
    if r == 0:
        return [()]
    return [(pool[i], *rest) for i in range(len(pool)) for rest in _combinations(pool[i + 1 :], r - 1)]


def permutations(iterable, r=None):
    pool = list(iterable)
    return iter(_permutations(pool, len(pool) if r is None else r))


def _permutations(pool, r):
    if r == 0:
        return [()]
    return [(pool[i], *rest) for i in range(len(pool)) for rest in _permutations(pool[:i] + pool[i + 1 :], r - 1)]


def accumulate(iterable, func=None, *, initial=None):
    total = initial
    for item in iterable:
        total = item if total is None else total + item if func is None else func(total, item)
        yield total


def groupby(iterable, key=None):
    groups = []
    for item in iterable:
        mark = item if key is None else key(item)
        if not groups or groups[-1][0] != mark:
            groups.append((mark, []))
        groups[-1][1].append(item)
    return iter([(mark, iter(items)) for mark, items in groups])


def pairwise(iterable):
    items = list(iterable)
    return zip(items, items[1:])


def batched(iterable, n):
    items = list(iterable)
    for start in range(0, len(items), n):
        yield tuple(items[start : start + n])


def tee(iterable, n=2):
    items = list(iterable)
    return tuple([iter(items) for _ in range(n)])
