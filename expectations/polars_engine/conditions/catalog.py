"""Which function answers which map metric of Great Expectations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from expectations.polars_engine.conditions import column, order, several, spread
from expectations.polars_engine.conditions.subject import Subject


@dataclass(frozen=True)
class RowMetric:
    """How a map metric is answered on Polars.

    Attributes:
        meets: the expression that is true where a row meets the expectation; null counts as not met.
        facts: what must be known of the whole column first, as expressions of one value each.
        is_unique: the rule is that no two rows have the same key; `meets` is made from a pre-pass.
        is_about_missing: missing values are what the rule looks at, so they are in its domain.
        is_about_order: the rule compares a row with the one before it.
    """

    meets: Callable[[Subject], pl.Expr]
    facts: Callable[[Subject], Mapping[str, pl.Expr]] | None = None
    is_unique: bool = False
    is_about_missing: bool = False
    is_about_order: bool = False


def _by_pre_pass(_: Subject) -> pl.Expr:
    raise NotImplementedError("uniqueness is answered by conditions.unique")


ROW_METRICS: dict[str, RowMetric] = {
    "column_values.nonnull": RowMetric(column.is_present, is_about_missing=True),
    "column_values.null": RowMetric(column.is_missing, is_about_missing=True),
    "column_values.between": RowMetric(column.is_between),
    "column_values.value_length.between": RowMetric(column.length_is_between),
    "column_values.value_length.equals": RowMetric(column.length_equals),
    "column_values.in_set": RowMetric(column.is_in_set),
    "column_values.not_in_set": RowMetric(column.is_not_in_set),
    "column_values.match_regex": RowMetric(column.matches_regex),
    "column_values.not_match_regex": RowMetric(column.matches_no_regex),
    "column_values.match_regex_list": RowMetric(column.matches_regex_list),
    "column_values.not_match_regex_list": RowMetric(column.matches_no_regex_of_list),
    "column_values.match_like_pattern": RowMetric(column.matches_like),
    "column_values.not_match_like_pattern": RowMetric(column.matches_no_like),
    "column_values.match_like_pattern_list": RowMetric(column.matches_like_list),
    "column_values.not_match_like_pattern_list": RowMetric(column.matches_no_like_of_list),
    "column_values.match_strftime_format": RowMetric(column.matches_strftime),
    "column_values.dateutil_parseable": RowMetric(column.is_dateutil_parseable),
    "column_values.json_parseable": RowMetric(column.is_json_parseable),
    "column_values.match_json_schema": RowMetric(column.matches_json_schema),
    "column_values.increasing": RowMetric(order.is_increasing, is_about_order=True),
    "column_values.decreasing": RowMetric(order.is_decreasing, is_about_order=True),
    "column_values.z_score.under_threshold": RowMetric(spread.has_small_z_score, facts=spread.moments),
    "column_values.not_outliers": RowMetric(spread.is_no_outlier, facts=spread.outlier_facts),
    "column_values.unique": RowMetric(_by_pre_pass, is_unique=True),
    "column_pair_values.equal": RowMetric(several.pair_is_equal),
    "column_pair_values.a_greater_than_b": RowMetric(several.first_is_greater),
    "column_pair_values.in_set": RowMetric(several.pair_is_in_set),
    "compound_columns.unique": RowMetric(_by_pre_pass, is_unique=True),
    "multicolumn_sum.equal": RowMetric(several.sum_equals),
    "multicolumn_values.equal": RowMetric(several.all_are_equal),
    "select_column_values.unique.within_record": RowMetric(several.all_differ),
}
