"""The record of files seen and batches run, in the database of the dead letters (docs/decisions/0085-the-ledger.md)."""

from tasks.ledger.batches import Batch, Plan, Unit, key_of, parse_moment, plan_batches
from tasks.ledger.ledger import Ledger, open_ledger

__all__ = ["Batch", "Ledger", "Plan", "Unit", "key_of", "open_ledger", "parse_moment", "plan_batches"]
