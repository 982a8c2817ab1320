"""`inplace=True` of a module, dropped where the module is made: in `__init__`, in `nn.Sequential`, at module level."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import is_shared, path_of, reads_later
from gradguard.fixes.snippet import Snippet
from gradguard.fixes.words import shortened, write_site
from gradguard.torchfacts.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from gradguard.fixes.fix import Grade
    from gradguard.fixes.situation import Situation, Spot
    from gradguard.text.chunks import Chunk

# Modules that take the flag by position as well: nn.ReLU(True), nn.Dropout(0.5, True).
_POSITION = {
    "ReLU": 0, "ReLU6": 0, "SELU": 0, "SiLU": 0, "Mish": 0, "Hardswish": 0, "Hardsigmoid": 0,
    "Dropout": 1, "Dropout2d": 1, "LeakyReLU": 1, "ELU": 1, "CELU": 1,
}  # fmt: skip

MOST_SINGLE = 10
"""How many makers are tried one by one before all of them are changed."""

_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")


def dropped(situation: Situation) -> Iterator[Candidate]:
    """`nn.ReLU(inplace=True)` → `nn.ReLU()`, likeliest maker first; re-analysis tells which one it was."""
    site = write_site(situation.finding)
    if site is None or site.kind != "inplace_flag":
        return
    spot = situation.spot(site)
    makers = [
        (statement, call, chunk)
        for chunk in situation.source.chunks
        if not chunk.holes
        for statement, call in _makers(chunk)
    ]
    single = [
        candidate
        for statement, call, chunk in sorted(makers, key=lambda maker: _unlikely(spot, *maker))
        for candidate in _without_flag(situation, chunk, statement, call)
    ]
    yield from single[:MOST_SINGLE]
    if len(single) > 1:
        # One place calls them all in turn, as `for layer in features: x = layer(x)` does.
        grade: Grade = "unsafe" if any(each.grade != "safe" for each in single) else "safe"
        edits = tuple(edit for each in single for edit in each.edits)
        yield Candidate(situation.texts.say("fix.module_flag.all", count=len(single)), edits, grade)


def unset(situation: Situation) -> Iterator[Candidate]:
    """`module.inplace = True` → `module.inplace = False`, where the flag is set on modules that are there already."""
    site = write_site(situation.finding)
    if site is None or site.kind != "inplace_flag":
        return
    for chunk in situation.source.chunks:
        for node in (each for top in chunk.tree for each in ast.walk(top)) if not chunk.holes else ():
            match node:
                case ast.Assign(
                    targets=[ast.Attribute(attr="inplace") as target], value=ast.Constant(value=True) as value
                ):
                    edit = Edit(chunk.place_of(chunk.range_of(value)), "False")
                    code = f"{path_of(target)} = False"
                    yield Candidate(
                        situation.texts.say("fix.module_flag.read_on", code=shortened(code)), (edit,), "unsafe"
                    )


def _makers(chunk: Chunk) -> Iterator[tuple[ast.stmt, ast.Call]]:
    """Calls that set the flag, each with the statement it stands in."""
    pending: list[tuple[ast.AST, ast.stmt | None]] = [(statement, None) for statement in reversed(chunk.tree)]
    while pending:
        node, statement = pending.pop()
        if isinstance(node, ast.stmt):
            statement = node
        if isinstance(node, ast.Call) and statement is not None and _flag(node) is not None:
            yield statement, node
        pending.extend((child, statement) for child in reversed(list(ast.iter_child_nodes(node))))


def _flag(call: ast.Call) -> ast.expr | None:
    """The argument that sets the flag of a module being made; functionals are another strategy's business."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if not name[:1].isupper():
        return None
    for keyword in call.keywords:
        if keyword.arg == "inplace" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
            return keyword.value
    position = _POSITION.get(name)
    if position is not None and len(call.args) > position:
        argument = call.args[position]
        if isinstance(argument, ast.Constant) and argument.value is True:
            return argument
    return None


def _unlikely(spot: Spot | None, statement: ast.stmt, call: ast.Call, chunk: Chunk) -> tuple[bool, bool, int]:
    """Sorts first what is assigned to the called attribute, then what stands in the same class, then the rest in order."""
    if spot is None:
        return True, True, chunk.start_line + call.lineno
    called = next((node for node in reversed(spot.nodes) if isinstance(node, ast.Call)), None)
    path = "" if called is None else path_of(called.func)
    same_attribute = (
        chunk is spot.chunk
        and isinstance(statement, ast.Assign)
        and any(path_of(each) == path for target in statement.targets for each in _parts(target))
    )
    return not same_attribute, chunk is not spot.chunk, chunk.start_line + call.lineno


def _parts(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple) else [target]


def _without_flag(situation: Situation, chunk: Chunk, statement: ast.stmt, call: ast.Call) -> Iterator[Candidate]:
    import libcst as cst

    extent, at = chunk.place_of(chunk.range_of(statement)).range, chunk.place_of(chunk.range_of(call)).range
    if situation.source.document.lines[extent.start_line][: extent.start_column].strip():
        return
    end = extent.end_line + 1
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return  # A default argument or a decorator: not where a module of this finding is made.
    snippet = Snippet(situation.source, extent.start_line, end)
    old = snippet.node_at(at, cst.Call)
    if old is None:
        return
    by_keyword = any(each.keyword is not None and each.keyword.value == "inplace" for each in old.args)
    if not _is_torch_module(call):
        kept = [each.with_changes(value=cst.Name("False")) if _sets_flag(each) else each for each in old.args]
    elif by_keyword:
        kept = [each for each in old.args if each.keyword is None or each.keyword.value != "inplace"]
    else:
        flag = _flag(call)
        kept = [each for each, argument in zip(old.args, call.args, strict=False) if argument is not flag]
        kept += old.args[len(call.args) :]
    if kept and len(kept) < len(old.args) and kept[-1] is not old.args[-1]:
        last = old.args[-1]
        kept[-1] = kept[-1].with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    new = old.with_changes(args=kept)
    read_on = _input_is_read_on(situation)
    yield Candidate(
        situation.texts.say(
            "fix.module_flag.read_on" if read_on else "fix.module_flag", code=shortened(snippet.code_of(new))
        ),
        (snippet.replaced(old, new),),
        "unsafe" if read_on else "safe",
    )


def _is_torch_module(call: ast.Call) -> bool:
    """Whether the flag can simply be left out; a class of the user's own may ask for it."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return bool(Catalog.load().candidates(f"torch.nn.functional.{_SNAKE.sub('_', name).lower()}")) or name in _POSITION


def _sets_flag(argument: cst.Arg) -> bool:
    return argument.keyword is not None and argument.keyword.value == "inplace"


def _input_is_read_on(situation: Situation) -> bool:
    """Whether somebody besides the module may read its input afterwards, and would see the values that the flag changed."""
    spot = situation.spot(write_site(situation.finding))
    call = None if spot is None else next((node for node in reversed(spot.nodes) if isinstance(node, ast.Call)), None)
    if spot is None or call is None or not call.args:
        return True
    given = call.args[0]
    if not isinstance(given, ast.Name | ast.Attribute | ast.Subscript):
        return False
    rebound = isinstance(spot.statement, ast.Assign) and any(
        path_of(each) == path_of(given) for each in spot.statement.targets
    )
    return is_shared(spot, given) or (not rebound and bool(reads_later(spot, path_of(given))))
