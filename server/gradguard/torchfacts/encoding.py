"""One operator as one line of text: how the data files hold it.

The line has seven fields, separated by `|` (with blanks here for reading):

    arguments | results | node | differentiable | saved | saved results | flags

    self:Tensor other:Tensor *alpha:Scalar= | + | AddBackward0 | self other |  |  |
    self:Tensor dim:int keepdim:bool= | +- | MaxBackward0 | self |  | 1 |

- *arguments*: `name:type`, with a leading `*` if keyword-only, a trailing `=` if it may be left out, `...` if its
  elements are written one by one.
- *results*: one sign per result, `+` if a gradient can flow through it, `-` if not.
- *saved*: `name`, then `<a,b` if saved only when `a` or `b` has a gradient edge, `~` for a private copy, `#` if only
  its shape is used.
- *flags*: `private`, `writes=a,b`, `silent` (the writes leave the version alone), `view=always:self`, `list`,
  `unknown`, `may=self,result0`.
"""

from __future__ import annotations

from typing import cast

from gradguard.torchfacts.operator import Argument, ArgumentKind, Operator, SavedArgument, ViewKind

_SEPARATOR = "|"
_NUMBERS = frozenset({"Scalar", "int", "float", "SymInt", "bool"})


def argument_kind(type_: str) -> ArgumentKind:
    """The coarse kind of torch's `type_`: `tensors` for `Tensor?[]`, `number` for `int?`, `other` for `int[2]`."""
    if type_.startswith("Tensor"):
        if type_.endswith(("]", "]?")):
            return "tensors"
        return "tensor?" if type_.endswith("?") else "tensor"
    return "number" if type_.removesuffix("?") in _NUMBERS else "other"


def encode(operator: Operator) -> str:
    """The line that `decode` reads back as `operator`."""
    flags = []
    if operator.saves_private:
        flags.append("private")
    if operator.writes:
        flags.append(f"writes={','.join(operator.writes)}")
    if not operator.bumps:
        flags.append("silent")
    if operator.view_of is not None:
        flags.append(f"view={operator.view}:{operator.view_of}")
    if operator.returns_list:
        flags.append("list")
    if not operator.known:
        flags.append("unknown")
    if operator.may_save:
        flags.append(f"may={','.join(operator.may_save)}")
    fields = (
        " ".join(_encode_argument(argument) for argument in operator.arguments),
        "".join("+" if differentiable else "-" for differentiable in operator.differentiable_results),
        operator.node or "",
        " ".join(operator.differentiable),
        " ".join(_encode_saved(saved) for saved in operator.saved),
        " ".join(map(str, operator.saved_results)),
        " ".join(flags),
    )
    return _SEPARATOR.join(fields)


def decode(name: str, line: str) -> Operator:
    """The operator called `name` that `line` describes. Raises ValueError if the line is not of this form."""
    arguments, results, node, differentiable, saved, saved_results, flags = line.split(_SEPARATOR)
    private = silent = returns_list = unknown = False
    writes: tuple[str, ...] = ()
    may_save: tuple[str, ...] = ()
    view: ViewKind = "never"
    view_of: str | None = None
    for flag in flags.split():
        key, _, value = flag.partition("=")
        if key == "private":
            private = True
        elif key == "writes":
            writes = tuple(value.split(","))
        elif key == "silent":
            silent = True
        elif key == "view":
            kind, _, view_of = value.partition(":")
            view = cast("ViewKind", kind)
        elif key == "list":
            returns_list = True
        elif key == "unknown":
            unknown = True
        elif key == "may":
            may_save = tuple(value.split(","))
        else:
            raise ValueError(f"{name}: unknown flag {flag!r}")
    return Operator(
        name=name,
        arguments=tuple(_decode_argument(token) for token in arguments.split()),
        results=len(results),
        node=node or None,
        differentiable=tuple(differentiable.split()),
        differentiable_results=tuple(sign == "+" for sign in results),
        saved=tuple(_decode_saved(token) for token in saved.split()),
        saved_results=tuple(int(index) for index in saved_results.split()),
        saves_private=private,
        writes=writes,
        bumps=not silent,
        view=view,
        view_of=view_of,
        returns_list=returns_list,
        known=not unknown,
        may_save=may_save,
    )


def _encode_argument(argument: Argument) -> str:
    mark = "..." if argument.variadic else "" if argument.required else "="
    return ("*" if argument.keyword_only else "") + f"{argument.name}:{argument.type}{mark}"


def _decode_argument(token: str) -> Argument:
    bare = token.removesuffix("=").removesuffix("...")
    name, _, type_ = bare.removeprefix("*").partition(":")
    return Argument(
        name, argument_kind(type_), token.startswith("*"), not token.endswith("="), type_, token.endswith("...")
    )


def _encode_saved(saved: SavedArgument) -> str:
    guard = f"<{','.join(saved.only_if)}" if saved.only_if else ""
    return saved.name + guard + ("~" if saved.clone else "") + ("" if saved.values_used else "#")


def _decode_saved(token: str) -> SavedArgument:
    bare = token.rstrip("~#")
    marks = token[len(bare) :]
    name, _, guard = bare.partition("<")
    return SavedArgument(name, tuple(guard.split(",")) if guard else (), "~" in marks, "#" not in marks)
