"""The sample in data/raw: half a year of one shop, as nine systems export it, with real-life dirt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchmarks.dirt.truth import GroundTruth
from benchmarks.events import EventPlan, clean_block
from benchmarks.formats import Record, Style
from benchmarks.writing import generate

USERS = 240
OVERLAP_ROWS = 14  # at the seam of two months both exports have the last events of the first
BENIGN = {"quoted_text": 0.012, "iso_time": 0.006}


@dataclass(frozen=True)
class SampleFile:
    """One file of the sample."""

    name: str
    rows: int
    month: int
    style: Style = field(default_factory=Style)
    dirt: Mapping[str, float] = field(default_factory=dict)
    repeats_end_of: str | None = None

    @property
    def plan(self) -> EventPlan:
        """Which events the file holds; the name is as good a seed as any."""
        return EventPlan(
            rows=self.rows,
            seed=int.from_bytes(self.name.encode()[-24:]),
            first_day=date(2026, self.month, 1),
            end_day=date(2026, self.month + 1, 1),
            user_pool=USERS,
        )


SAMPLE = (
    SampleFile("events_2026-05.csv.gz", 800, 5, Style(is_gzipped=True), BENIGN),
    SampleFile(
        "events_2026-06.csv",
        700,
        6,
        dirt={**BENIGN, "short_line": 0.004, "bad_number": 0.003, "unknown_event": 0.006, "multiline_text": 0.006},
        repeats_end_of="events_2026-05.csv.gz",
    ),
    SampleFile(
        "events_2026-07.json",
        450,
        7,
        Style(file_format="json"),
        dirt={
            "bad_date": 0.009,
            "missing_user_id": 0.006,
            "duplicate_row": 0.009,
            "script": 0.006,
            "too_precise": 0.006,
        },
    ),
    SampleFile(
        "events_2026-08.ndjson",
        450,
        8,
        Style(file_format="ndjson"),
        dirt={"truncated_json": 0.009, "blank_line": 0.006, "end_before_start": 0.009, "formula": 0.006},
    ),
    SampleFile("events_2026-09.csv", 1_200, 9, dirt={"all": 0.0018, "formula": 0.004, "script": 0.004}),
    SampleFile(
        "events_2026-10_app.csv",
        350,
        10,
        Style(extra_column=("channel", "app")),
        dirt={"bad_integer": 0.006, "bad_value": 0.006, "duplicate_key": 0.006},
    ),
    SampleFile(
        "events_2026-10_legacy.csv",
        350,
        10,
        Style(encoding="cp1252", line_end="\r\n"),
        dirt={**BENIGN, "unpaid_purchase": 0.006, "long_line": 0.006},
    ),
    SampleFile(
        "events_2026-10_partner.csv",
        350,
        10,
        Style(delimiter=";", quotes_all=True),
        dirt={"unclosed_quote": 0.006, "bad_end_date": 0.006, "multiline_text": 0.009},
    ),
    SampleFile(
        "events_2026-10_till.csv",
        350,
        10,
        Style(delimiter=";", encoding="utf-8-sig"),
        dirt={**BENIGN, "blank_line": 0.009, "missing_event": 0.006, "duplicate_row": 0.012},
    ),
)


def write_sample(folder: Path) -> Path:
    """Write the sample, and its ground truth beside the folder as `<folder>.dirt.json`; says where that is."""
    folder.mkdir(parents=True, exist_ok=True)
    truths = {file.name: _write(file, folder) for file in SAMPLE}
    target = folder.with_name(f"{folder.name}.dirt.json")
    documents = {name: truth.document() for name, truth in truths.items()}
    target.write_text(json.dumps(documents, indent=1) + "\n", encoding="utf-8")
    return target


def _write(file: SampleFile, folder: Path) -> GroundTruth:
    return generate(folder / file.name, file.plan, file.style, file.dirt, _repeated(file))


def _repeated(file: SampleFile) -> list[Record]:
    """The last rows of another file, which has no dirt."""
    for other in SAMPLE:
        if other.name == file.repeats_end_of:
            return [list(row) for row in clean_block(other.plan, 0).tail(OVERLAP_ROWS).rows()]
    return []
