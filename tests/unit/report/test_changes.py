"""What changed, in sentences made from numbers."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from expectations.contract import Baseline, Contract
from tasks.history.compare import compare_runs
from tasks.history.models import RunMeasures
from tasks.models import Verdict
from tasks.report.changes import spark_path, view_changes
from tasks.report.numbers import Numbers
from tasks.report.words import words_of
from tests.unit.history.test_compare import PAST, run
from tests.unit.report import made


def sentences(now: RunMeasures, past: list[RunMeasures], **policy: Any) -> tuple[str, ...]:
    found = compare_runs(now, past, Baseline.model_validate(policy))
    return view_changes(found, words_of(made.EVENTS), Numbers()).sentences


def test_the_first_run() -> None:
    assert sentences(run(9), []) == (
        "This is the first run of this dataset on record: there is nothing to compare it with yet.",
    )


def test_three_sentences_of_an_ordinary_run() -> None:
    now = run(9, 1035, dead=21, dead_by_reason={"bad_quote": 12}, totals={"entities": 100.0, "mean_value": 41.5})
    assert sentences(now, PAST) == (
        "1,035 rows were accepted, 1.4 % fewer than last time, 1,050 (the last 6 runs: 1,000 to 1,050).",
        "2.0 % of the records were rejected, up from 0.9 %, which is unusual (the last 6 runs: 0.9 % to 1.0 %); "
        "most changed: bad quote, from 0 to 12.",
        "The largest change in content: mean value (EUR), 41.5 after 42, +0.3 deviations from usual.",
    )


def test_a_shift_of_the_mix_is_named() -> None:
    now = run(9, 1035, shares={"category": {"view": 0.2, "buy": 0.5, "refund": 0.3}})
    assert sentences(now, PAST)[2] == (
        "Event type is no longer spread as before: refund went from 0 % to 30.0 %; new: refund."
    )


def test_the_same_again_is_one_sentence() -> None:
    (sentence,) = sentences(run(9, 1050, input_digest="i5", totals=PAST[5].totals), PAST)
    assert sentence.startswith("The same files under the same contract and suite as in the run before, with the same")


def test_with_too_few_runs_nothing_is_called_unusual() -> None:
    text = " ".join(sentences(run(9, 10), PAST[:1]))
    assert "99 % fewer than last time, 1,000." in text
    assert "usual" not in text


def test_a_stopped_run_is_compared_as_far_as_it_goes() -> None:
    now = run(9, 0, dead=500, status="stopped", totals={}, shares={})
    assert sentences(now, PAST) == (
        "0 rows were accepted, 100 % fewer than last time, 1,050.",
        "100 % of the records were rejected, up from 0.9 %.",
        "There is no analysis to compare.",
    )


def test_stale_data_is_a_sentence_more() -> None:
    now = run(9, last_seen=PAST[0].started_at)
    text = sentences(now, PAST, freshness_hours=24)[-1]
    assert text == "The newest row was 9 d old when the run started, more than the contract allows."


def test_a_spark_line_spans_its_box() -> None:
    assert spark_path([1, 3, 2]) == "M0.0 20.0L42.0 0.0L84.0 10.0"
    assert spark_path([5, 5]) == "M0.0 20.0L84.0 20.0"


@pytest.mark.parametrize(("policy", "status"), [("note", "passed"), ("warn", "warned"), ("stop", "stopped")])
def test_drift_counts_as_the_contract_says(tmp_path: Path, policy: str, status: str) -> None:
    contract = Contract.model_validate(made.EVENTS.model_dump() | {"baseline": {"on_drift": policy}})
    past = [run(-day, 10_000) for day in range(1, 6)]
    passed = made.batch().gate.model_copy(update={"verdict": Verdict.PASSED, "reasons": ()})
    batch = made.batch().model_copy(update={"gate": passed})
    started = PAST[0].started_at + timedelta(days=1)
    summary = made.published(
        tmp_path, made.events(300), contract, past=past, batch=batch, run=made.facts("passed", started_at=started)
    )
    assert summary.status == status
    assert "accepted" in summary.drifted
    assert (summary.gate.reasons != ()) == (policy != "note")
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Beside past runs" in page
    assert page.count('class="spark"') > 3
