"""heapq: a binary heap in a list, each parent no larger than its two children."""


def heappush(heap, item):
    heap.append(item)
    _rise(heap, len(heap) - 1)


def heappop(heap):
    last = heap.pop()
    if not heap:
        return last
    least = heap[0]
    heap[0] = last
    _sink(heap, 0)
    return least


def heappushpop(heap, item):
    if heap and heap[0] < item:
        return heapreplace(heap, item)
    return item


def heapreplace(heap, item):
    least = heap[0]
    heap[0] = item
    _sink(heap, 0)
    return least


def heapify(x):
    for position in reversed(range(len(x) // 2)):
        _sink(x, position)


def nsmallest(n, iterable, key=None):
    return sorted(iterable, key=key)[:n]


def nlargest(n, iterable, key=None):
    return sorted(iterable, key=key, reverse=True)[:n]


def _rise(heap, position):
    while position > 0:
        parent = (position - 1) // 2
        if not heap[position] < heap[parent]:
            return
        heap[position], heap[parent] = heap[parent], heap[position]
        position = parent


def _sink(heap, position):
    # As the standard library does: down to a leaf along the smaller children, then up again.
    while 2 * position + 1 < len(heap):
        child = 2 * position + 1
        if child + 1 < len(heap) and not heap[child] < heap[child + 1]:
            child += 1
        heap[position], heap[child] = heap[child], heap[position]
        position = child
    _rise(heap, position)
