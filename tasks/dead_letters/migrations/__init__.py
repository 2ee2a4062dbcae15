"""The table's history, for Alembic: `database.py` runs it, there is nothing to run by hand."""
