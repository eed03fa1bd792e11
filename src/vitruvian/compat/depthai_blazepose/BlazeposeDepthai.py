"""depthai_blazepose's module of the Host mode."""  # noqa: N999 - its name there

from vitruvian.compat.depthai_blazepose.host import BlazeposeDepthai

__all__ = ["BlazeposeDepthai"]
