"""`--profile`: where the time of a run went, as one page in its folder that asks no other host for anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from pyinstrument import Profiler

from flows.finish import read_summary, say
from flows.run import Run
from tasks.models import RunSummary
from tasks.whole_files import write_text_whole

_PAGE = "profile.html"
_SAMPLE_SECONDS = 0.005
_STYLE = """<style>
#stages { position: fixed; bottom: 0; z-index: 9; padding: .5em }
#stages { background: #303538; color: #fff; font: 13px sans-serif }
#stages :is(td, th) { text-align: right; padding: 0 1em }
</style>"""
_NO_OTHER_HOST = """<meta http-equiv="Content-Security-Policy"
content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">"""
# Its own view options: a flame graph over the time of the run first; one click away is the call tree.
_FLAME_GRAPH_FIRST = """<script>
try { localStorage.setItem("pyinstrument:viewOptions", JSON.stringify({viewMode: "timeline"})) } catch {}
</script>"""


@contextmanager
def profiled(run: Run) -> Iterator[None]:
    """Look every five milliseconds at what the calling thread does; `profile.html` holds what was seen.

    A run that fails has its page too. One that was refused has no folder to put it in.
    """
    profiler = Profiler(interval=_SAMPLE_SECONDS, async_mode="disabled")
    profiler.start(target_description=f"run {run.run_id}")
    try:
        yield
    finally:
        profiler.stop()
        if (run.folder / "summary.json").is_file():
            say(f"sluice: profile: {_write_page(profiler, run.folder)}")


def _write_page(profiler: Profiler, folder: Path) -> Path:
    page = profiler.output_html().replace("<head>", f"<head>{_NO_OTHER_HOST}", 1)
    page = page.replace("<body>", f"<body>{_stages(read_summary(folder))}{_FLAME_GRAPH_FIRST}", 1)
    write_text_whole(folder / _PAGE, page)
    return folder / _PAGE


def _stages(summary: RunSummary) -> str:
    """Seconds, rows and peak memory of each stage, as a table below the graph."""
    rows, peaks = summary.stage_rows, summary.stage_peak_memory_bytes
    lines = {
        "stage": list(summary.stage_seconds),
        "seconds": [f"{seconds:.2f}" for seconds in summary.stage_seconds.values()],
        "rows": [f"{rows[stage]:,}" if stage in rows else "" for stage in summary.stage_seconds],
        "peak MB": [f"{peaks[stage] / 1e6:,.0f}" if stage in peaks else "" for stage in summary.stage_seconds],
    }
    table = "".join(f"<tr><th>{name}<td>{'<td>'.join(map(escape, cells))}" for name, cells in lines.items())
    return f'{_STYLE}<table id="stages">{table}</table>'
