"""State carried from one iteration to the next: detached, so that the next graph does not reach back into the last one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import KEEPING, path_of
from gradguard.fixes.words import event_of, shortened, site_or_none
from gradguard.text.places import Place, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradguard.fixes.situation import Situation, Spot


def detached(situation: Situation) -> Iterator[Candidate]:
    """`h = h.detach()` before the statement of the loop body that carries `h` on, for every variable that is carried."""
    spot = _loop_spot(situation)
    if spot is None or not spot.loops:
        return
    loop = spot.loops[-1]
    paths = [path_of(target) for target in _carried(loop)]
    single = [_FORMS[_looks_like_tuple(loop, path)].format(path) for path in paths]
    together = "\n".join(_FORMS[0].format(path) for path in paths)
    for code in (*single, *([together] if len(paths) > 1 else [])):
        yield Candidate(
            situation.texts.say("fix.detach.carried", code=shortened(code)),
            (spot.inserted_after(loop.body[-1], code),),
            "unsafe",
        )


def kept_detached(situation: Situation) -> Iterator[Candidate]:
    """`history.append(h)` → `history.append(h.detach())`: a container keeps values for the next round, not their graphs."""
    spot = _loop_spot(situation)
    if spot is None or not spot.loops:
        return
    for node in ast.walk(spot.loops[-1]):
        match node:
            case ast.Call(func=ast.Attribute(attr=keeping), args=[*_, kept]) if keeping in KEEPING:
                pass
            case ast.Assign(targets=[ast.Subscript()], value=kept):
                pass
            case _:
                continue
        if not isinstance(kept, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            continue
        end = spot.range_of(kept)[2:]
        code = f"{path_of(kept)}.detach()"
        edit = Edit(Place(spot.source.path, Range(*end, *end)), ".detach()")
        yield Candidate(situation.texts.say("fix.detach.kept", code=shortened(code)), (edit,), "unsafe")


def _looks_like_tuple(loop: ast.stmt, path: str) -> bool:
    """Whether the loop treats the variable as several tensors: unpacks it, indexes it, gives it a tuple, or to an LSTM."""
    for node in ast.walk(loop):
        match node:
            case ast.Assign(targets=[ast.Tuple()], value=value) if path_of(value) == path:
                return True
            case ast.Assign(targets=[target], value=ast.Tuple() | ast.Call(func=ast.Name(id="tuple"))):
                if path_of(target) == path:
                    return True
            case ast.Subscript(value=value, slice=ast.Constant(value=int())) if path_of(value) == path:
                return True
            case ast.Call(func=function, args=arguments) if "lstm" in path_of(function).lower():
                if path in [path_of(each) for each in arguments]:
                    return True
    return False


def _loop_spot(situation: Situation) -> Spot | None:
    """The backward that needs what another iteration made, or the call in a loop through which it is reached."""
    second, backward = event_of(situation.finding, "second"), event_of(situation.finding, "backward")
    for site in [site_or_none(event.origin) for event in (second, backward) if event is not None]:
        for each in (site, *reversed(site.calls)) if site is not None else ():
            spot = situation.spot(each)
            if spot is not None and spot.loops:
                return spot
    return None


def _carried(loop: ast.For | ast.AsyncFor | ast.While) -> Iterator[ast.expr]:
    """Variables that the body reads before it assigns them, and assigns anew."""
    assigned: dict[str, ast.expr] = {}
    for statement in loop.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    for each in ast.walk(target):
                        if isinstance(each, ast.Name | ast.Attribute) and isinstance(each.ctx, ast.Store):
                            assigned.setdefault(path_of(each), each)
    seen: set[str] = set()
    for statement in loop.body:
        for node in _reads_first(statement):
            path = path_of(node)
            if path in assigned and path not in seen and isinstance(node.ctx, ast.Load):
                yield assigned[path]
            seen.add(path)


def _reads_first(statement: ast.stmt) -> list[ast.Name | ast.Attribute]:
    """Names and attributes of a statement in the order of evaluation: what is read, then what is assigned."""
    nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Name | ast.Attribute)]
    return sorted(nodes, key=lambda node: isinstance(node.ctx, ast.Store))


def on_objects(situation: Situation) -> Iterator[Candidate]:
    """`agent.state = agent.state.detach()` after the backward, for state that a method keeps on its object."""
    for name in ("second", "backward"):
        event = event_of(situation.finding, name)
        site = None if event is None else site_or_none(event.origin)
        for each in (site, *reversed(site.calls)) if site is not None else ():
            spot = situation.spot(each)
            if spot is None or not spot.owns_lines:
                continue
            for path in _kept_paths(spot):
                for form in _FORMS:
                    code = form.format(path)
                    yield Candidate(
                        situation.texts.say("fix.detach.carried", code=shortened(code)),
                        (spot.inserted_after(spot.statement, code),),
                        "unsafe",
                    )


_FORMS = (
    "{0} = {0}.detach()",
    "{0} = tuple(each.detach() for each in {0})",
    "{0} = [each.detach() for each in {0}]",
    "{0} = [tuple(part.detach() for part in each) for each in {0}]",
    "{0} = {{key: value.detach() for key, value in {0}.items()}}",
)


def _kept_paths(spot: Spot) -> Iterator[str]:
    """The attributes in which methods keep state between calls: of `self`, and of the objects that the scope calls."""
    if spot.class_ is not None and spot.function is not None:
        for name in _kept_by(spot.class_):
            yield f"self.{name}"
    classes = {top.name: top for top in spot.top_level if isinstance(top, ast.ClassDef)}
    for owner, class_name in dict.fromkeys((*_objects(spot), *_by_methods(spot, classes))):
        class_ = classes.get(class_name)
        for name in _kept_by(class_) if class_ is not None else ():
            yield f"{owner}.{name}"


def _by_methods(spot: Spot, classes: dict[str, ast.ClassDef]) -> Iterator[tuple[str, str]]:
    """Variables whose class is told by a method that the scope calls: (`module`, `Forecaster`)."""
    defining = {
        method.name: name
        for name, each in classes.items()
        for method in each.body
        if isinstance(method, ast.FunctionDef)
    }
    for statement in spot.scope_body if spot.function is not None else ():
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method)) if method in defining:
                    yield owner, defining[method]


def _objects(spot: Spot) -> Iterator[tuple[str, str]]:
    """Variables and attributes that are given a new object: (`agent`, `Agent`), (`self.net`, `Net`)."""
    holders: list[ast.stmt] = list(spot.top_level) if spot.class_ is None else list(spot.class_.body)
    for holder in (*holders, *spot.scope_body):
        for node in ast.walk(holder):
            match node:
                case ast.Assign(targets=[target], value=value):
                    targets = target.elts if isinstance(target, ast.Tuple) else [target]
                    values = value.elts if isinstance(value, ast.Tuple) else [value]
                    for each, made in zip(targets, values, strict=False):
                        match made:
                            case ast.Call(func=ast.Name(id=name)):
                                yield path_of(each), name


def _kept_by(class_: ast.ClassDef) -> list[str]:
    """The attributes that methods other than `__init__` assign, or fill, on `self`."""
    names: list[str] = []
    for method in class_.body:
        if not isinstance(method, ast.FunctionDef) or method.name == "__init__":
            continue
        for node in ast.walk(method):
            match node:
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    names.append(name)
                case ast.Subscript(value=ast.Attribute(value=ast.Name(id="self"), attr=name), ctx=ast.Store()):
                    names.append(name)
                case ast.Call(
                    func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr=name), attr=filling)
                ):
                    if filling in ("append", "appendleft", "insert"):
                        names.append(name)
    return list(dict.fromkeys(names))
