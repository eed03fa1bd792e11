"""``mp.tasks``: the Pose Landmarker, its options and its results."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        "BaseOptions": "tasks.python.core.base_options:BaseOptions",
        "components": "tasks.python.components",
        "core": "tasks.python.core",
        "vision": "tasks.python.vision",
    },
)
