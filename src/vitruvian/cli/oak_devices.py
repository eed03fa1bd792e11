"""`vitruvian oak devices`: the OAK cameras that are connected."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vitruvian.oak.runtime import OakInfo

__all__ = ["list_devices"]

DEPTH = {True: "depth", False: "no depth", None: "depth not known"}


def list_devices(
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="Do not start the cameras that are free: list no product and sensors."
        ),
    ] = False,
) -> None:
    """List the OAK cameras on USB and in the network, with their sensors.

    'vitruvian track oak:NAME' uses one of them, also with its address or ID. A camera that is free
    is started for some seconds and asked for its sensors. The exit code is 1 if there is no camera.
    """
    from vitruvian.oak.depthai.device_list import devices
    from vitruvian.oak.depthai.errors import no_device

    found = devices(quick=quick)
    if not found:
        raise no_device()
    for info in found:
        typer.echo(_line(info))


def _line(info: "OakInfo") -> str:
    """Return one camera as a line."""
    sensors = ", ".join(info.cameras) or "sensors not known"
    product = info.product or "OAK"
    return "  ".join(
        [info.name, info.protocol, info.state, product, info.id, sensors, DEPTH[info.has_depth]]
    )
