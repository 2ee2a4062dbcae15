"""From counts and exact sums to result tables: one module a group of them, pure functions of small frames."""
