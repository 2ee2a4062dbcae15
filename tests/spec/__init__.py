"""One small table in, one dict out, on every engine. Titles and docstrings become docs/tables.md."""
