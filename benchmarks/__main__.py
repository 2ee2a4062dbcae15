"""Every comparison by name: `python -m benchmarks article --rows 1000000 --repeats 3`.

Without a name all of them run. Results go to `benchmarks/results/` as CSV, Markdown and a plot. Each way is a fresh
process, all ways in turn: the first way is what the others are held against, in the same round. CPU seconds are of the
whole process, imports and all, but for `read` and `gate`, where they begin once the modules are loaded.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.comparisons import COMPARISONS, Asked
from benchmarks.fresh import Row, in_turn, markdown, write_results


def main() -> None:
    """Measure what is asked for."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="sluice_benchmarks_") as scratch:
        folder = options.folder or Path(scratch)
        for name in [options.name] if options.name else COMPARISONS:
            rows = tuple(options.rows or COMPARISONS[name].rows)
            found = _measured(name, folder, rows, options)
            if options.json:
                print(json.dumps({"name": name, "ways": [one._asdict() for one in found]}, indent=2))
            else:
                _write(name, rows, found, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="?", choices=COMPARISONS, help="default: all")
    parser.add_argument("--rows", type=int, nargs="+", help="default: as many as the comparison is about")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON, and leave benchmarks/results/ alone")
    parser.add_argument("--folder", type=Path, help="where files and environments are kept between runs")
    parser.add_argument(
        "--article-versions", action="store_true", help="the article's pandas on the versions it names as well"
    )
    return parser


def _measured(name: str, folder: Path, rows: tuple[int, ...], options: argparse.Namespace) -> list[Row]:
    asked = [Asked(folder, count, with_article_versions=options.article_versions) for count in rows]
    return [row for one in asked for row in in_turn(COMPARISONS[name].ways(one), one.rows, options.repeats)]


def _write(name: str, rows: tuple[int, ...], found: list[Row], options: argparse.Namespace) -> None:
    comparison = COMPARISONS[name]
    command = f"python -m benchmarks {name} --rows {' '.join(map(str, rows))} --repeats {options.repeats}"
    command += " --article-versions" if options.article_versions else ""
    text = markdown(comparison.title, command, found) + comparison.remark(found)
    write_results(name, comparison.title, text, found)
    print(text)


if __name__ == "__main__":
    main()
