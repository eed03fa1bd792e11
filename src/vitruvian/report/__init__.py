"""Report: one HTML page of a clip, with charts, tables and thumbnails, that needs no network."""

from vitruvian.report.facts import clip_facts, key_times
from vitruvian.report.page import report_html
from vitruvian.report.thumbnails import KeyFrame, key_frames

__all__ = ["KeyFrame", "clip_facts", "key_frames", "key_times", "report_html"]
