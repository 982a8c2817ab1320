"""`match`: whether a subject fits a pattern, binding its names. An unknown fit is an `Unknown`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.interpreter import operations
from gradguard.interpreter.values import Unknown, Value

if TYPE_CHECKING:
    from gradguard.interpreter.frames import Frame
    from gradguard.interpreter.machine import Machine


def matches(machine: Machine, pattern: ast.pattern, subject: Value, frame: Frame) -> Value:
    """True, False or an Unknown."""
    match pattern:
        case ast.MatchValue(value=value):
            return operations.compare(machine, ast.Eq, subject, machine.evaluate(value, frame))
        case ast.MatchSingleton(value=constant):
            return operations.compare(machine, ast.Is, subject, constant)
        case ast.MatchAs(pattern=inner, name=name):
            fits = True if inner is None else matches(machine, inner, subject, frame)
            if name is not None and fits is not False:
                machine.bind(name, subject, frame)
            return fits
        case ast.MatchOr(patterns=alternatives):
            results = [matches(machine, alternative, subject, frame) for alternative in alternatives]
            return any(r is True for r in results) or next((r for r in results if r is not False), False)
        case ast.MatchSequence(patterns=parts):
            return _sequence(machine, parts, subject, frame)
        case ast.MatchMapping(keys=keys, patterns=parts, rest=rest):
            mapping = machine.mapping_of(subject)
            if mapping is None:
                return Unknown() if isinstance(subject, Unknown) else False
            wanted = [machine.evaluate(key, frame) for key in keys]
            if any(key not in mapping for key in wanted):
                return False
            if rest is not None:
                machine.bind(rest, {k: v for k, v in mapping.items() if k not in wanted}, frame)
            return _all([matches(machine, part, mapping[key], frame) for key, part in zip(wanted, parts, strict=True)])
        case ast.MatchClass(cls=cls, patterns=positional, kwd_attrs=names, kwd_patterns=parts):
            fits = machine.is_instance(subject, machine.evaluate(cls, frame))
            if fits is not True:
                return fits
            fields = machine.listed(machine.get_attribute(machine.type_of(subject), "__match_args__")) or []
            pairs = [*zip(fields, positional, strict=False), *zip(names, parts, strict=True)]
            if not fields and len(positional) == 1:
                return matches(machine, positional[0], subject, frame)
            return _all([matches(machine, p, machine.get_attribute(subject, n), frame) for n, p in pairs])
    return Unknown()


def _sequence(machine: Machine, parts: list[ast.pattern], subject: Value, frame: Frame) -> Value:
    if isinstance(subject, Unknown):
        for part in parts:
            if not isinstance(part, ast.MatchStar):
                matches(machine, part, Unknown(), frame)
        return subject.part("sequence", len(parts))
    if not isinstance(subject, (list, tuple)):
        return False
    star = next((i for i, part in enumerate(parts) if isinstance(part, ast.MatchStar)), None)
    if star is None:
        if len(subject) != len(parts):
            return False
        return _all([matches(machine, p, v, frame) for p, v in zip(parts, subject, strict=True)])
    after = len(parts) - star - 1
    if len(subject) < star + after:
        return False
    middle = list(subject[star : len(subject) - after])
    starred = parts[star]
    if isinstance(starred, ast.MatchStar) and starred.name is not None:
        machine.bind(starred.name, middle, frame)
    head = [matches(machine, p, v, frame) for p, v in zip(parts[:star], subject[:star], strict=True)]
    tail = [
        matches(machine, p, v, frame) for p, v in zip(parts[star + 1 :], subject[len(subject) - after :], strict=True)
    ]
    return _all(head + tail)


def _all(results: list[Value]) -> Value:
    if any(result is False for result in results):
        return False
    return next((result for result in results if result is not True), True)
