"""Tables: every version reads as the dictionary that it would be if each had been copied."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gradguard.text.tables import LONGEST_CHAIN, Table

CHANGES = st.lists(st.tuples(st.integers(0, 7), st.one_of(st.none(), st.integers(0, 3))), max_size=4)


@given(st.lists(st.tuples(st.integers(0, 99), CHANGES, st.integers(0, 99)), max_size=2 * LONGEST_CHAIN))
def test_every_version_is_what_a_copy_would_be(steps: list[tuple[int, list[tuple[int, int | None]], int]]) -> None:
    """Successors of any version, also of one that has some already, read in any order, also between two changes."""
    versions: list[tuple[Table[int, int], dict[int, int]]] = [(Table({0: 0, 1: 1}), {0: 0, 1: 1})]
    for parent, changes, looked_at in steps:
        before, unchanged = versions[parent % len(versions)]
        table, copy = before.successor(), dict(unchanged)
        for key, value in changes:
            assert looked_at % 2 or dict(before) == unchanged
            if value is not None:
                table[key] = copy[key] = value
            elif key in copy:
                del table[key], copy[key]
        versions.append((table, copy))
        read, expected = versions[looked_at % len(versions)]
        assert dict(read) == expected
        assert sorted(read.items()) == sorted(expected.items())
    for table, copy in versions:
        assert dict(table.items()) == copy
        assert len(table) == len(copy)
        assert all(table.get(key) == copy.get(key) and (key in table) == (key in copy) for key in range(8))


@given(st.lists(CHANGES, min_size=1, max_size=9))
def test_it_knows_what_has_changed_since(steps: list[list[tuple[int, int | None]]]) -> None:
    """Of any version before it; of others it says so."""
    first = newest = Table({0: 0, 1: 1})
    for changes in steps:
        newest = newest.successor()
        for key, value in changes:
            if value is not None:
                newest[key] = value
            else:
                newest.pop(key, None)
    changed = newest.changed_since(first)
    assert changed is not None
    before, now = dict(first), dict(newest)
    assert {key for key in range(8) if before.get(key) != now.get(key)} <= changed
    assert Table({0: 0}).changed_since(first) is None


def test_a_version_that_is_kept_does_not_keep_all_that_come_after() -> None:
    """Whoever holds an old version would otherwise hold a whole session."""
    kept = newest = Table({0: 0})
    for number in range(10 * LONGEST_CHAIN):
        newest = newest.successor()
        newest[0] = number
    assert newest.changed_since(kept) is None
    assert (kept[0], newest[0]) == (0, 10 * LONGEST_CHAIN - 1)
