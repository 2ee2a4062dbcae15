"""All plots of one analysis."""

from __future__ import annotations

from expectations.contract import Contract
from tasks.artifacts import ArtifactStore
from tasks.models import Analysis
from tasks.report.facts import Figure, Figures
from tasks.report.figures.categories import category_plots
from tasks.report.figures.drawing import Drawing, Source
from tasks.report.figures.entities import entity_plots
from tasks.report.figures.heatmap import heatmap_plot
from tasks.report.figures.histograms import histogram_plots
from tasks.report.figures.newcomers import newcomers_plot
from tasks.report.figures.rhythm import hourly_plot, weekday_plot
from tasks.report.figures.spread import spread_plots
from tasks.report.figures.style import plot_style
from tasks.report.figures.trend import daily_plot
from tasks.report.languages import numbers_for
from tasks.report.words import words_of

_PLOTS = (
    daily_plot, hourly_plot, heatmap_plot, weekday_plot, category_plots, entity_plots, newcomers_plot, spread_plots,
    histogram_plots,
)  # fmt: skip


def draw_figures(analysis: Analysis, contract: Contract, store: ArtifactStore) -> Figures:
    """Draw every plot whose tables are there, from aggregates only, the same bytes for the same tables.

    Args:
        analysis: the result tables.
        contract: names and units of the columns.
        store: where the tables are, and where the SVG goes.
    """
    source = Source(analysis, store, words_of(contract), numbers_for(contract.display), tuple(contract.columns))
    with plot_style():
        drawings = [drawing for plot in _PLOTS for drawing in plot(source)]
    return Figures(figures=tuple(_keep(drawing, store) for drawing in drawings))


def _keep(drawing: Drawing, store: ArtifactStore) -> Figure:
    return Figure(
        name=drawing.name,
        section=drawing.section,
        title=drawing.title,
        alt=drawing.alt,
        how=drawing.how,
        wide=store.put_bytes(".svg", drawing.wide.encode()),
        narrow=store.put_bytes(".svg", drawing.narrow.encode()) if drawing.narrow else None,
    )
