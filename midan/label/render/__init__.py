"""Checked labels in, one file out. Every renderer draws the same list of items, laid out in printer dots."""

from midan.label.render.output import Output, font_job, render, render_preview

__all__ = ["Output", "font_job", "render", "render_preview"]
