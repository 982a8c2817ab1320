"""Small libcst makers that all fixes share: assignments, operands with the parentheses they need, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    import libcst as cst

AUGMENTED_OPERATORS = {
    "AddAssign": "Add",
    "SubtractAssign": "Subtract",
    "MultiplyAssign": "Multiply",
    "DivideAssign": "Divide",
    "FloorDivideAssign": "FloorDivide",
    "ModuloAssign": "Modulo",
    "PowerAssign": "Power",
    "BitAndAssign": "BitAnd",
    "BitOrAssign": "BitOr",
    "BitXorAssign": "BitXor",
    "LeftShiftAssign": "LeftShift",
    "RightShiftAssign": "RightShift",
}
"""libcst's names of `y += …` and of the operator in `y = y + …`."""

_PRECEDENCE = {
    "BitOr": 1,
    "BitXor": 2,
    "BitAnd": 3,
    "LeftShift": 4,
    "RightShift": 4,
    "Add": 5,
    "Subtract": 5,
    "Multiply": 6,
    "Divide": 6,
    "FloorDivide": 6,
    "Modulo": 6,
    "MatrixMultiply": 6,
    "Power": 8,
}
_ATOMS = (
    "Name",
    "Attribute",
    "Call",
    "Subscript",
    "Integer",
    "Float",
    "Imaginary",
    "SimpleString",
    "List",
    "Dict",
    "Set",
)


def out_of_place(statement: cst.AugAssign) -> cst.Assign | None:
    """`y += v` as `y = y + v`; None for `@=`, which is no in-place write of a tensor."""
    import libcst as cst

    name = AUGMENTED_OPERATORS.get(type(statement.operator).__name__)
    if name is None:
        return None
    target = statement.target
    value = cst.BinaryOperation(
        left=bare(target), operator=getattr(cst, name)(), right=right_operand(statement.value, name)
    )
    return cst.Assign(targets=[cst.AssignTarget(target)], value=value, semicolon=statement.semicolon)


def right_operand(value: cst.BaseExpression, operator: str) -> cst.BaseExpression:
    """`value` in parentheses if it binds no tighter than `operator`."""
    import libcst as cst

    kind = type(value).__name__
    if kind in _ATOMS or value.lpar:
        return value
    if isinstance(value, cst.BinaryOperation):
        inner = _PRECEDENCE.get(type(value.operator).__name__, 0)
        return value if inner > _PRECEDENCE[operator] else in_parentheses(value)
    if isinstance(value, cst.UnaryOperation) and not isinstance(value.operator, cst.Not):
        return value
    return in_parentheses(value)


def receiver(value: cst.BaseExpression) -> cst.BaseExpression:
    """`value` fit to stand before a dot or a bracket."""
    return value if type(value).__name__ in _ATOMS[:4] or value.lpar else in_parentheses(value)


def in_parentheses(value: cst.BaseExpression) -> cst.BaseExpression:
    """`value` with one more pair of parentheses."""
    import libcst as cst

    return value.with_changes(lpar=[cst.LeftParen(), *value.lpar], rpar=[*value.rpar, cst.RightParen()])


def bare(target: cst.BaseExpression) -> cst.BaseExpression:
    """A copy of an assignment's target to be read on its right side."""
    return target.deep_clone()


def assign(target: cst.BaseExpression, value: cst.BaseExpression) -> cst.Assign:
    """`target = value`."""
    import libcst as cst

    return cst.Assign(targets=[cst.AssignTarget(cast("cst.BaseAssignTargetExpression", bare(target)))], value=value)


def method_call(value: cst.BaseExpression, name: str, arguments: Sequence[cst.Arg] = ()) -> cst.Call:
    """`value.name(arguments)`."""
    import libcst as cst

    return cst.Call(func=cst.Attribute(value=receiver(value), attr=cst.Name(name)), args=arguments)
