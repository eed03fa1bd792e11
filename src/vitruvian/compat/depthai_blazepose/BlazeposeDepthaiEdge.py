"""That project's module of its Edge mode, which is the same class here."""  # noqa: N999 - its name there

from vitruvian.compat.depthai_blazepose.tracker import BlazeposeDepthai

__all__ = ["BlazeposeDepthai"]
