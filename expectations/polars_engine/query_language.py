"""Row conditions written as text in pandas' query language, as Polars expressions.

Great Expectations still takes them (`condition_parser="pandas"`). Read here: column names (in backticks where they need
it), comparisons, `in`, `and`, `or`, `not` (also as `&`, `|`, `~`), arithmetic, `.isnull()`, `.notnull()` and
Great Expectations' own `col("name")`. Nothing in the text is ever executed.
"""

from __future__ import annotations

import ast
import io
import operator
import tokenize
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from expectations.polars_engine.conditions.literals import lower, members, upper
from expectations.polars_engine.conditions.subject import value_of

_WORDS = {"&": "and", "|": "or", "~": "not"}
_NULL_TESTS = {"isnull": True, "isna": True, "notnull": False, "notna": False}
_ARITHMETIC: dict[type[ast.operator], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
}
_SIGNS: dict[type[ast.cmpop], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: pl.Expr.ne_missing,
}
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}


class RowConditionError(ValueError):
    """A row condition written as text says something that cannot be read here."""


def parse_query(text: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """A row condition in pandas' query language.

    Raises:
        RowConditionError: it cannot be read, or names a column that is not there.
    """
    source, quoted = _without_backticks(text)
    try:
        tree = ast.parse(_spelled_out(source), mode="eval").body
    except (SyntaxError, tokenize.TokenError):
        raise RowConditionError(f"the row condition {text!r} is not a query") from None
    return _Query(text, schema, quoted).logical(tree)


def _without_backticks(text: str) -> tuple[str, dict[str, str]]:
    """Backticked names as plain ones, and what they stand for."""
    pieces = text.split("`")
    quoted = {f"__quoted_{number}": name for number, name in enumerate(pieces[1::2])}
    pieces[1::2] = quoted
    return " ".join(piece.strip() if number % 2 else piece for number, piece in enumerate(pieces)).strip(), quoted


def _spelled_out(source: str) -> str:
    """`&`, `|` and `~` as words: in a query they bind as loosely as those."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    words = [
        (_WORDS.get(token.string, token.string) if token.type == tokenize.OP else token.string) for token in tokens
    ]
    return " ".join(words).strip()


class _Query:
    """Walks one query. A column compared with a literal is compared by the column's type; the rest is arithmetic."""

    def __init__(self, text: str, schema: Mapping[str, pl.DataType], quoted: Mapping[str, str]) -> None:
        self.text = text
        self.schema = schema
        self.quoted = quoted

    def logical(self, node: ast.expr) -> pl.Expr:  # noqa: PLR0911  # one return a kind of node
        match node:
            case ast.BoolOp(op=ast.And()):
                return pl.all_horizontal(self.logical(value) for value in node.values)
            case ast.BoolOp():
                return pl.any_horizontal(self.logical(value) for value in node.values)
            case ast.UnaryOp(op=ast.Not()):
                return ~self.logical(node.operand)
            case ast.Compare():
                return self.comparison(node)
            case ast.Call(func=ast.Attribute(attr=test), args=[]) if test in _NULL_TESTS:
                missing = self.value(node.func.value).is_null()  # type: ignore[attr-defined]  # matched above
                return missing if _NULL_TESTS[test] else ~missing
            case ast.Constant(value=bool()):
                return pl.lit(node.value)
        column = self.column(node)
        if column is not None and isinstance(self.schema[column], pl.Boolean):
            return pl.col(column).fill_null(value=False)
        raise self.unreadable(node)

    def comparison(self, node: ast.Compare) -> pl.Expr:
        sides = [node.left, *node.comparators]
        parts = [self.compare(sides[i], sign, sides[i + 1]) for i, sign in enumerate(node.ops)]
        return pl.all_horizontal(parts).fill_null(value=False)

    def compare(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> pl.Expr:
        if isinstance(sign, ast.In | ast.NotIn) or isinstance(right, ast.List | ast.Tuple):
            found = self.is_one_of(left, right)
            return ~found if isinstance(sign, ast.NotIn | ast.NotEq) else found
        if self.column(left) is None and self.column(right) is not None:
            return self.compare(right, _MIRRORED[type(sign)](), left)
        column, literal = self.column(left), self.literal(right)
        if column is not None and literal is not None:
            return self.by_type(column, sign, literal)
        return _SIGNS[type(sign)](self.value(left), self.value(right))

    def by_type(self, column: str, sign: ast.cmpop, wanted: Any) -> pl.Expr:
        dtype = self.schema[column]
        value = value_of(column, dtype)
        if isinstance(sign, ast.Lt | ast.LtE):
            return upper(value, wanted, dtype, strict=isinstance(sign, ast.Lt))
        if isinstance(sign, ast.Gt | ast.GtE):
            return lower(value, wanted, dtype, strict=isinstance(sign, ast.Gt))
        found = _is_one_of(value, [wanted], dtype)
        return ~found if isinstance(sign, ast.NotEq) else found

    def is_one_of(self, left: ast.expr, right: ast.expr) -> pl.Expr:
        column = self.column(left)
        values = self.literal(right)
        if column is None or not isinstance(values, list | tuple | set):
            raise self.unreadable(left)
        return _is_one_of(value_of(column, self.schema[column]), values, self.schema[column])

    def value(self, node: ast.expr) -> pl.Expr:
        column, literal = self.column(node), self.literal(node)
        if column is not None:
            return value_of(column, self.schema[column])
        if literal is not None:
            return pl.lit(literal)
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            return _ARITHMETIC[type(node.op)](self.value(node.left), self.value(node.right))
        raise self.unreadable(node)

    def column(self, node: ast.expr) -> str | None:
        match node:
            case ast.Name():
                name = self.quoted.get(node.id, node.id)
            case ast.Call(func=ast.Name(id="col"), args=[ast.Constant(value=str() as name)]):
                pass
            case _:
                return None
        if name not in self.schema:
            raise RowConditionError(f"the row condition {self.text!r} names the column {name!r}, which is not there")
        return name

    def literal(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name | ast.Call):
            return None
        try:
            return ast.literal_eval(node)
        except ValueError:
            return None

    def unreadable(self, node: ast.expr) -> RowConditionError:
        return RowConditionError(f"the row condition {self.text!r} cannot be read here: {ast.unparse(node)}")


def _is_one_of(value: pl.Expr, wanted: Any, dtype: pl.DataType) -> pl.Expr:
    known = members(wanted, dtype)
    return value.is_in(known.implode()).fill_null(value=False) if len(known) else pl.lit(value=False)
