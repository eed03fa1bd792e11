"""depthai_blazepose's module of the renderer."""  # noqa: N999 - its name there

from vitruvian.compat.depthai_blazepose.renderer import BlazeposeRenderer

__all__ = ["BlazeposeRenderer"]
