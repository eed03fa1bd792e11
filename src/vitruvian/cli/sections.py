"""The help of commands with many options: the options in sections, the formats as a list."""

from typing import Any

import typer

__all__ = ["SectionedCommand"]

SECTIONS = {  # by the parameters of the commands; others stand under "Options"
    "Input and output": (
        *("output", "jobs", "stall", "resume", "images", "video", "every", "limit", "realtime"),
        *(
            "rotation",
            "coco_images",
            "results",
            "report",
            "demo",
            "markdown",
            "plot",
            "sheet",
            "path",
        ),
    ),
    "Server": (
        *("host", "port", "lan", "cert", "key", "public_url", "token", "no_browser", "folder"),
        *("max_upload", "allow_urls"),
    ),
    "Measurements": ("angles", "angle_set", "reps", "gait", "classes", "count", "only"),
    "Model and runtime": (
        *("model", "models_dir", "profile", "backend", "device", "threads", "precision"),
    ),
    "Detection and tracking": (
        *("num_poses", "detection_confidence", "presence_confidence", "tracking_confidence"),
        *("segmentation", "force_detection", "crop", "reach", "prefer", "follow"),
        *("id_memory_s", "association_iou", "track", "boxes"),
    ),
    "Triangulation": ("sync", "fit", "max_error", "bones"),
    "Smoothing": ("smoothing", "no_smoothing", "smooth_after", "smooth"),
    "Drawing": (
        *("show", "skeleton", "landmarks", "hidden", "box", "roi", "score", "fps", "tint"),
    ),
    "OAK camera": (
        *("oak_mode", "oak_device", "xyz", "oak_fps", "oak_height", "oak_resolution", "laconic"),
        *("trace", "shaves", "detector_blob", "landmark_blob", "candidate_blob"),
    ),
    "Camera, for positions in metres": ("camera_space", "calibration", "focal", "fov", "height"),
    "Formats of one person": ("person", "up", "tilt", "root", "markers", "world"),
}


class SectionedCommand(typer.core.TyperCommand):
    """A command whose help has a section for each kind of option."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options."""
        titles = {name: title for title, names in SECTIONS.items() for name in names}
        rows: dict[str, list[tuple[str, str]]] = {"Arguments": [], **{t: [] for t in SECTIONS}}
        for parameter in self.get_params(ctx):
            is_argument = parameter.param_type_name == "argument"
            title = "Arguments" if is_argument else titles.get(parameter.name or "", "Options")
            if record := parameter.get_help_record(ctx):
                rows.setdefault(title, []).append(record)
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
