from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from flows.metrics import main, newest_runs, prometheus_text
from tests.unit.alerts.summaries import summary


def samples(text: str) -> dict[tuple[str, ...], float]:
    """The text as Prometheus' own parser reads it."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_every_number_of_a_run() -> None:
    measured = {"stage_seconds": {"ingest": 1.25}, "stage_rows": {"ingest": 1000}}
    measured |= {"stage_bytes": {"ingest": 4096}, "stage_peak_memory_bytes": {"ingest": 2**30}}
    run = summary("stopped").model_copy(update=measured)

    found = samples(prometheus_text([run]))

    assert found["sluice_run_rows", "events", "read"] == 1000
    assert found["sluice_run_rows", "events", "dead"] == 250
    assert found["sluice_run_dead_letters", "events", "too_few_fields"] == 200
    assert found["sluice_stage_seconds", "events", "ingest"] == 1.25
    assert found["sluice_stage_rows", "events", "ingest"] == 1000
    assert found["sluice_stage_bytes", "events", "ingest"] == 4096
    assert found["sluice_stage_peak_memory_bytes", "events", "ingest"] == 2**30
    assert found["sluice_run_status", "events", "stopped"] == 1
    assert found["sluice_run_status", "events", "passed"] == 0
    assert found["sluice_run_finished_timestamp_seconds", "events"] == run.finished_at.timestamp()


def test_a_name_with_quotes_stays_one_label() -> None:
    run = summary("passed").model_copy(update={"dead_by_reason": {'a"b\\c\nd': 1}})

    assert samples(prometheus_text([run]))["sluice_run_dead_letters", "events", 'a"b\\c\nd'] == 1


def test_the_newest_run_of_each_dataset_counts_and_a_damaged_summary_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = summary("failed", "r-1"), summary("passed", "r-2")
    new = new.model_copy(update={"started_at": old.started_at + timedelta(hours=1)})
    other = old.model_copy(update={"dataset": "flights", "run_id": "r-3"})
    for run in (old, new, other):
        (tmp_path / run.run_id).mkdir()
        (tmp_path / run.run_id / "summary.json").write_text(run.model_dump_json())
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "summary.json").write_text("{")

    assert [run.run_id for run in newest_runs(tmp_path)] == ["r-2", "r-3"]
    output = tmp_path / "sluice.prom"
    assert main(["--results-dir", str(tmp_path), "--output", str(output)]) == 0
    assert main(["--results-dir", str(tmp_path)]) == 0
    assert capsys.readouterr().out == output.read_text()
    assert samples(output.read_text())["sluice_run_status", "flights", "failed"] == 1


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["--results-dir", str(tmp_path), "--output", str(tmp_path / "file" / "sluice.prom")]) == 2
    assert "sluice.prom: cannot be written: " in capsys.readouterr().err
