"""The image, packet and graph classes, at their module paths in MediaPipe 0.10."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        name: f"python._framework_bindings.{name}"
        for name in (
            "calculator_graph",
            "image",
            "image_frame",
            "matrix",
            "model_ckpt_util",
            "packet",
            "resource_util",
            "task_runner",
            "timestamp",
            "validated_graph_config",
        )
    },
)
