"""What a person sees of a run in the Prefect UI: the balance, the gate, the dead letters, and where the report is."""

from __future__ import annotations

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from flows.run import Run
from tasks.models import RunSummary


def show_artifacts(summary: RunSummary, run: Run) -> None:
    """Make the run's artifacts. Keys hold the dataset, so the UI shows each dataset's history."""
    key = f"sluice-{summary.dataset.replace('_', '-')}"
    create_table_artifact(
        key=f"{key}-rows", table=[summary.rows.model_dump()], description="Row balance: every record read"
    )
    create_table_artifact(
        key=f"{key}-dead-letters",
        table=[{"reason": reason, "records": count} for reason, count in summary.dead_by_reason.items()],
        description="Dead letters of this run, by reason",
    )
    create_markdown_artifact(key=f"{key}-gate", markdown=gate_markdown(summary), description="What the gate found")
    create_link_artifact(
        key=f"{key}-report", link=(run.folder / summary.report).as_uri(), link_text="report.html", description="Report"
    )


def gate_markdown(summary: RunSummary) -> str:
    """The gate's verdict and rules as a Markdown page."""
    lines = [f"# {summary.status.capitalize()}: {summary.dataset}", ""]
    lines += [f"- {reason}" for reason in summary.gate.reasons]
    lines += ["", "| met | severity | expectation | rows that do not |", "|---|---|---|---|"]
    for rule in summary.gate.rules:
        unexpected = "" if rule.unexpected is None else f"{rule.unexpected:,}"
        sentence = rule.sentence.replace("|", "\\|")
        lines.append(f"| {'yes' if rule.is_met else 'no'} | {rule.severity} | {sentence} | {unexpected} |")
    return "\n".join(lines)
