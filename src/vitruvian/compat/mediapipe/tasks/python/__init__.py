"""``mp.tasks``: the Pose Landmarker, its options and results, and the names of other tasks."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        "BaseOptions": "tasks.python.core.base_options:BaseOptions",
        "audio": "tasks.python.audio",
        "components": "tasks.python.components",
        "core": "tasks.python.core",
        "decision": "tasks.python.decision",
        "genai": "tasks.python.genai",
        "retrieval": "tasks.python.retrieval",
        "text": "tasks.python.text",
        "vision": "tasks.python.vision",
    },
)
