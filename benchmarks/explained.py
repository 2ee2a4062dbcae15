"""Are planted causes named, and do the proposed repairs bring the clean values back? On files `explain` has not seen.

    python -m benchmarks.explained --seeds 3

Damage is planted in generated events, in 20,000 real flights and in orders with other columns. A cause counts as named
where as many letters are given it as were damaged. A proposed repair is dry-replayed on all letters that the printed
command chooses; what it releases is held against the clean records.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from benchmarks.damaged import Damaged, damaged_events, damaged_flights, damaged_orders
from flows.attempt import Demands, Tried, try_letters
from flows.releases import repaired
from flows.run_records import RunRecord
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.explain import Explanation
from tasks.dead_letters.letter import LINE, SPAN
from tasks.dead_letters.models import BatchFacts, FileFacts, Filters, StoredLetter
from tasks.dead_letters.raw_text import RawReader
from tasks.dead_letters.records import RecordForm
from tasks.dead_letters.repairs import find_repair
from tasks.dead_letters.store import open_store
from tasks.dead_letters.survey import Dataset, survey
from tasks.ingest.cast import cast_records
from tasks.ingest.land import ingest_file
from tasks.sources import fingerprint
from tasks.validate.batch import validate_batch


class Result(NamedTuple):
    """What became of one kind of damage in one file."""

    file: str
    kind: str
    planted: int
    of_cause: int  # planted with the same cause
    named: int  # letters that were given that cause
    repair: str | None
    right: int  # of the planted: released with the clean values
    wrong: int  # released with other values, whatever was planted there


class Bench:
    """One damaged file, in the table."""

    def __init__(self, damaged: Damaged, folder: Path) -> None:
        self.damaged, self.folder = damaged, folder
        self.store = ArtifactStore(folder / "store")
        contract, suite = damaged.contract, damaged.suite_text
        (source,) = fingerprint(str(damaged.path))
        self.landed = ingest_file(source, contract, self.store)
        batch = validate_batch([self.landed], contract, suite, self.store)
        self.record = RunRecord(
            run_id="run",
            dataset=contract.dataset,
            engine="polars",
            started_at=datetime.now(UTC),
            contract=contract,
            suite_text=suite,
            landed=(self.landed,),
            batch=batch,
            analysis=None,
        )
        facts = BatchFacts(
            dataset=contract.dataset,
            run_id="run",
            contract_digest=contract.digest(),
            seen_at=datetime.now(UTC),
            files=(FileFacts.of(self.landed),),
        )
        with open_store(f"sqlite:///{folder}/letters.db") as table:
            table.add([self.store.path(ref) for ref in (self.landed.dead_letters, batch.dead_letters) if ref], facts)
            self.reader = RawReader(table.file_facts())
            self.letters = list(table.letters())
            self.found = survey(table, self.reader, lambda _: Dataset(contract, suite), Filters())

    def results(self) -> Iterator[Result]:
        """One for each kind of damage."""
        for kind, planted in self.damaged.planted.items():
            cause = self.damaged.causes(kind)
            named = [one for one in self.found if one.cause == cause]
            proposed = next((one for one in named if one.repair), None)
            right, wrong = self._tried(proposed, planted) if proposed else (0, 0)
            file = self.damaged.path.name
            repair = proposed.repair if proposed else None
            of_cause = sum(
                len(lines) for other, lines in self.damaged.planted.items() if self.damaged.causes(other) == cause
            )
            letters = sum(one.letters for one in named)
            yield Result(file, kind, len(planted), of_cause, letters, repair, right, wrong)

    def unplanted(self) -> Counter[str]:
        """Causes that nobody planted, and how many letters they were given to."""
        causes = {self.damaged.causes(kind) for kind in self.damaged.planted}
        return Counter({one.cause: one.letters for one in self.found if one.cause not in causes})

    def _tried(self, proposed: Explanation, planted: dict[int, list[str | None] | None]) -> tuple[int, int]:
        """How many planted lines a repair releases with their clean values, and how many lines with others."""
        assert proposed.repair is not None
        chosen = [one for one in self.letters if any(reason.code == proposed.code for reason in one.reasons)]
        contract = self.damaged.contract
        tried = list(self._mended(chosen, proposed.repair))
        demands = Demands(contract, self.damaged.suite_text)
        done = try_letters(self.record, tried, {}, demands, self.store)
        lines = [one.line for one in done.released]
        (after,) = done.landed
        assert after.landed is not None
        rows = pl.read_parquet(self.store.path(after.landed)).filter(pl.col(LINE).is_in(lines)).drop(SPAN)
        clean = self._clean()
        right = rows.join(clean, on=rows.columns, how="semi", nulls_equal=True)
        return right.filter(pl.col(LINE).is_in(list(planted))).height, rows.height - right.height

    def _mended(self, letters: Sequence[StoredLetter], repair: str) -> Iterator[Tried]:
        apply = find_repair(repair, self.damaged.contract)
        form = RecordForm.of(FileFacts.of(self.landed), self.damaged.contract, self.damaged.suite_text)
        for letter, text in zip(letters, self.reader.read(letters), strict=True):
            mended = repaired(text.raw, form, apply, self.damaged.contract) if text.raw is not None else None
            if mended is not None and mended != text.raw:
                yield Tried(letter.id, letter.file_digest, letter.line, letter.last_line, mended, repair)

    def _clean(self) -> pl.DataFrame:
        names = self.landed.header
        kinds = self.damaged.planted.values()
        kept = {line: record for planted in kinds for line, record in planted.items() if record is not None}
        texts = pl.DataFrame(list(kept.values()), dict.fromkeys(names, pl.String), orient="row")
        placed = texts.with_columns(pl.Series(LINE, list(kept), pl.Int64), pl.lit(1, pl.UInt32).alias(SPAN))
        return cast_records(placed, self.damaged.contract).rows.drop(SPAN)


def measure(seeds: Sequence[int], rows: int) -> tuple[list[Result], Counter[str]]:
    """All files of all seeds."""
    results: list[Result] = []
    unplanted: Counter[str] = Counter()
    for seed in seeds:
        for make in (damaged_events, damaged_flights, damaged_orders):
            with tempfile.TemporaryDirectory() as folder:
                for damaged in make(Path(folder), rows, seed):
                    bench = Bench(damaged, Path(folder) / f"{damaged.path.name}.results")
                    results += bench.results()
                    unplanted += bench.unplanted()
    return results, unplanted


def main() -> None:
    """Print a line for each kind and file, then the whole as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=5_000, help="of each generated file")
    options = parser.parse_args()
    results, unplanted = measure(range(options.first_seed, options.first_seed + options.seeds), options.rows)
    for one in results:
        print(
            f"{one.file:22} {one.kind:22} planted {one.planted:4} named {one.named:4} "
            f"right {one.right:4} wrong {one.wrong:3}  {one.repair or ''}"
        )
    mended = [one for one in results if one.repair]
    print(
        json.dumps(
            {
                "kinds_and_files": len(results),
                "named": sum(one.named == one.of_cause for one in results),
                "repairs_proposed": len(mended),
                "repairs_with_95_percent_right": sum(one.right >= 0.95 * one.planted for one in mended),
                "lines_released_with_other_values": sum(one.wrong for one in mended),
                "letters_given_causes_nobody_planted": dict(unplanted),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
