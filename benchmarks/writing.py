"""Writes clean or spoiled events to one file, a block at a time, and its ground truth beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.dirt.plant import Shares, shares_for, spoil_block
from benchmarks.dirt.truth import GroundTruth
from benchmarks.events import EventPlan, clean_block
from benchmarks.formats import ParquetWriter, Record, Style, TextWriter, text_line, text_lines, with_records


def generate(
    path: Path, plan: EventPlan, style: Style, dirt: Shares | None = None, leading: Sequence[Record] = ()
) -> GroundTruth:
    """Write one file, a block at a time.

    Args:
        path: the file; what is there is overwritten.
        plan: which events.
        style: how they are written.
        dirt: the share of rows that gets each kind, as `Kind.name: share`; `all` stands for every kind that fits.
        leading: records to begin with, which another file of the batch has as well: duplicates.

    Returns:
        How every record must end.

    Raises:
        ValueError: an unknown kind of dirt, or one that a file of this style cannot hold.
    """
    truth = GroundTruth(style)
    shares = shares_for(style, dirt or {})
    if style.file_format == "parquet":
        _write_parquet(path, plan, shares, truth)
    else:
        _write_text(path, plan, shares, truth, leading)
    return truth


def _write_text(path: Path, plan: EventPlan, shares: Shares, truth: GroundTruth, leading: Sequence[Record]) -> None:
    style = truth.style
    with TextWriter(path, style) as writer:
        writer.write_header()
        writer.write([text_line(record, style) for record in leading])
        truth.add_repeated(len(leading))
        for block in range(plan.blocks):
            frame = clean_block(plan, block)
            lines = text_lines(frame, style)
            for edit in spoil_block(plan, block, frame, shares, truth):
                lines[edit.row] = edit.line
            writer.write(lines, is_cut_off=truth.is_cut_off)


def _write_parquet(path: Path, plan: EventPlan, shares: Shares, truth: GroundTruth) -> None:
    with ParquetWriter(path) as writer:
        for block in range(plan.blocks):
            frame = clean_block(plan, block)
            edits = spoil_block(plan, block, frame, shares, truth)
            writer.write(with_records(frame, {edit.row: edit.record for edit in edits}))


def write_ground_truth(path: Path, truth: GroundTruth) -> Path:
    """Write `<path>.dirt.json` and say where it is."""
    target = path.with_name(f"{path.name}.dirt.json")
    target.write_text(json.dumps(truth.document(), indent=1) + "\n", encoding="utf-8")
    return target
