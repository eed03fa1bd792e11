"""depthai_blazepose's module of the Edge mode; the same class here."""  # noqa: N999 - its name there

from vitruvian.compat.depthai_blazepose.tracker import BlazeposeDepthai

__all__ = ["BlazeposeDepthai"]
