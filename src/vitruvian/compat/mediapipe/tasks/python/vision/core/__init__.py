"""Classes that all vision tasks share."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        name: f"tasks.python.vision.core.{name}"
        for name in (
            "base_vision_task_api",
            "image",
            "image_processing_options",
            "vision_task_running_mode",
        )
    },
)
