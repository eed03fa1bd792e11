"""depthai_blazepose's module of the Edge mode."""  # noqa: N999 - its name there

from vitruvian.compat.depthai_blazepose.edge import BlazeposeDepthai

__all__ = ["BlazeposeDepthai"]
