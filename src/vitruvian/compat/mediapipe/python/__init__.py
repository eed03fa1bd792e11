"""The Solutions API and the image classes of MediaPipe 0.10."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        "Image": "python._framework_bindings.image:Image",
        "ImageFormat": "python._framework_bindings.image_frame:ImageFormat",
        "ImageFrame": "python._framework_bindings.image_frame:ImageFrame",
        "solution_base": "python.solution_base",
        "solutions": "python.solutions",
    },
)
