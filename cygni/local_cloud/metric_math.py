"""CloudWatch's metric math, as far as arithmetic goes: numbers, ids of other queries, + - * / ^, FILL and the
functions of all series at one time (SUM, AVG, MIN, MAX). Pure."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

Series = Mapping[int, float]
"""Values by the time (seconds since the epoch) at which their period begins."""

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_OF_ALL: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


def evaluate(expression: str, series: Mapping[str, Series]) -> Series:
    """The series that an expression makes of others, by their ids. Where two meet, only times that both have count;
    what is divided by zero is left out. Raises ValueError for what is not understood."""
    try:
        parsed = ast.parse(expression.replace("^", "**"), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"Error in expression: {expression}") from error
    result = _value(parsed.body, series)
    if isinstance(result, float):
        times = sorted({time for one in series.values() for time in one})
        return dict.fromkeys(times, result)
    return result


def _value(node: ast.expr, series: Mapping[str, Series]) -> Series | float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in series:
        return series[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _combine(operator.mul, -1.0, _value(node.operand, series))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _combine(_OPERATORS[type(node.op)], _value(node.left, series), _value(node.right, series))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _call(node.func.id.upper(), node.args, series)
    raise ValueError(f"Error in expression: {ast.unparse(node)} is not understood")


def _call(name: str, arguments: list[ast.expr], series: Mapping[str, Series]) -> Series:
    if name == "FILL" and len(arguments) == 2:
        filled, filler = _value(arguments[0], series), _value(arguments[1], series)
        if not isinstance(filled, float) and isinstance(filler, float):
            times = {time for one in series.values() for time in one}
            return {time: filled.get(time, filler) for time in sorted(times)}
    if name in _OF_ALL and len(arguments) == 1 and isinstance(arguments[0], ast.List):
        each = [_value(item, series) for item in arguments[0].elts]
        many = [one for one in each if not isinstance(one, float)]
        times = {time for one in many for time in one}
        return {time: _OF_ALL[name]([one[time] for one in many if time in one]) for time in sorted(times)}
    raise ValueError(f"Error in expression: {name} is not understood")


def _combine(
    operation: Callable[[float, float], float], left: Series | float, right: Series | float
) -> Series | float:
    if isinstance(left, float) and isinstance(right, float):
        return operation(left, right)
    lefts = left if not isinstance(left, float) else dict.fromkeys(_times(right), left)
    rights = right if not isinstance(right, float) else dict.fromkeys(_times(left), right)
    combined: dict[int, float] = {}
    for time in sorted(lefts.keys() & rights.keys()):
        try:
            combined[time] = operation(lefts[time], rights[time])
        except ZeroDivisionError:
            continue
    return combined


def _times(value: Series | float) -> list[int]:
    return [] if isinstance(value, float) else list(value)
