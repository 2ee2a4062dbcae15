"""Plots of the report: SVG drawn from small aggregates."""

from tasks.report.figures.draw import draw_figures

__all__ = ["draw_figures"]
