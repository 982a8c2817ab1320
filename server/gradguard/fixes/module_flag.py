"""`inplace=True` of a module, dropped where the module is made: in `__init__`, in `nn.Sequential`, at module level."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradguard.fixes.candidate import Candidate
from gradguard.fixes.fix import Edit
from gradguard.fixes.names import FUNCTIONAL, is_shared, path_of, reads_later
from gradguard.fixes.snippet import Snippet
from gradguard.fixes.words import shortened, write_site
from gradguard.torchfacts.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from gradguard.fixes.fix import Grade
    from gradguard.fixes.situation import Situation, Spot
    from gradguard.text.chunks import Chunk
    from gradguard.text.places import Range
    from gradguard.text.source import SourceFile

# Modules that take the flag by position as well: nn.ReLU(True), nn.Dropout(0.5, True).
_POSITION = {
    "ReLU": 0, "ReLU6": 0, "SELU": 0, "SiLU": 0, "Mish": 0, "Hardswish": 0, "Hardsigmoid": 0,
    "Dropout": 1, "Dropout2d": 1, "LeakyReLU": 1, "ELU": 1, "CELU": 1,
}  # fmt: skip

MOST_SINGLE = 10
"""How many makers are tried one by one before all of them are changed."""

_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class _Maker:
    """A call that is given the flag, with the statement it stands in: `nn.ReLU(inplace=True)`, `partial(nn.ReLU, inplace=True)`."""

    source: SourceFile
    chunk: Chunk
    statement: ast.stmt
    call: ast.Call

    def range_of(self, node: ast.AST) -> Range:
        return self.chunk.place_of(self.chunk.range_of(node)).range


def dropped(situation: Situation) -> Iterator[Candidate]:
    """`nn.ReLU(inplace=True)` → `nn.ReLU()` in whichever file, likeliest maker first; re-analysis tells which one it was."""
    site = write_site(situation.finding)
    if site is None or site.kind != "inplace_flag":
        return
    spot = situation.spot(site)
    makers = [maker for source in situation.sources for chunk in _whole(source) for maker in _makers(source, chunk)]
    makers.sort(key=lambda maker: _unlikely(spot, maker))
    single = [candidate for maker in makers for candidate in _without_flag(situation, maker)]
    yield from single[:MOST_SINGLE]
    if len(single) > 1:
        # One place calls them all in turn, as `for layer in features: x = layer(x)` does.
        grade: Grade = "unsafe" if any(each.grade != "safe" for each in single) else "safe"
        edits = tuple(edit for each in single for edit in each.edits)
        yield Candidate(situation.texts.say("fix.module_flag.all", count=len(single)), edits, grade)


def unset(situation: Situation) -> Iterator[Candidate]:
    """The flag is false where it is set otherwise than by a call: `module.inplace = True`, `{"inplace": True}`, a default."""
    site = write_site(situation.finding)
    if site is None or site.kind != "inplace_flag":
        return
    for source in situation.sources:
        for chunk in _whole(source):
            for node in (each for top in chunk.tree for each in ast.walk(top)):
                for value, code in _set_elsewhere(node):
                    edit = Edit(chunk.place_of(chunk.range_of(value)), "False")
                    title = situation.texts.say("fix.module_flag.read_on", code=shortened(code))
                    yield Candidate(title, (edit,), "unsafe")


def _whole(source: SourceFile) -> Iterator[Chunk]:
    return (chunk for chunk in source.chunks if not chunk.holes)


def _set_elsewhere(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Where `node` itself makes the flag true, with the code that makes it false."""
    match node:
        case ast.Assign(targets=[ast.Attribute(attr="inplace") as target], value=ast.Constant(value=True) as value):
            yield value, f"{path_of(target)} = False"
        case ast.Dict(keys=keys, values=values):
            for key, given in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "inplace" and _is_true(given):
                    yield given, f"{path_of(key)}: False"
        case ast.arguments():
            named = [*node.posonlyargs, *node.args]
            defaults = [*zip(named[len(named) - len(node.defaults) :], node.defaults, strict=True)]
            for argument, default in (*defaults, *zip(node.kwonlyargs, node.kw_defaults, strict=True)):
                if argument.arg == "inplace" and default is not None and _is_true(default):
                    yield default, "inplace=False"


def _makers(source: SourceFile, chunk: Chunk) -> Iterator[_Maker]:
    """Calls that set the flag, in order."""
    pending: list[tuple[ast.AST, ast.stmt | None]] = [(statement, None) for statement in reversed(chunk.tree)]
    while pending:
        node, statement = pending.pop()
        if isinstance(node, ast.stmt):
            statement = node
        if isinstance(node, ast.Call) and statement is not None and _flag(node) is not None:
            yield _Maker(source, chunk, statement, node)
        pending.extend((child, statement) for child in reversed(list(ast.iter_child_nodes(node))))


def _flag(call: ast.Call) -> ast.expr | None:
    """The argument that sets the flag of a module being made; functionals are another strategy's business."""
    name = _called_name(call)
    if isinstance(call.func, ast.Attribute) and path_of(call.func.value) in FUNCTIONAL:
        return None
    for keyword in call.keywords:
        if keyword.arg == "inplace" and _is_true(keyword.value):
            return keyword.value
    position = _POSITION.get(name)
    if position is not None and len(call.args) > position and _is_true(call.args[position]):
        return call.args[position]
    return None


def _called_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _unlikely(spot: Spot | None, maker: _Maker) -> tuple[bool, bool, bool]:
    """Sorts first what is assigned to the called attribute, then what stands in the same class or file, then the rest in order."""
    if spot is None:
        return True, True, True
    called = next((node for node in reversed(spot.nodes) if isinstance(node, ast.Call)), None)
    path = "" if called is None else path_of(called.func)
    same_attribute = (
        maker.chunk is spot.chunk
        and isinstance(maker.statement, ast.Assign)
        and any(path_of(each) == path for target in maker.statement.targets for each in _parts(target))
    )
    return not same_attribute, maker.chunk is not spot.chunk, maker.source is not spot.source


def _parts(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple) else [target]


def _without_flag(situation: Situation, maker: _Maker) -> Iterator[Candidate]:
    import libcst as cst

    call = maker.call
    extent = maker.range_of(maker.statement)
    if maker.source.document.lines[extent.start_line][: extent.start_column].strip():
        return
    if isinstance(maker.statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return  # A default argument or a decorator: not where a module of this finding is made.
    snippet = Snippet(maker.source, extent.start_line, extent.end_line + 1)
    old = snippet.node_at(maker.range_of(call), cst.Call)
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
    name = _called_name(call)
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
