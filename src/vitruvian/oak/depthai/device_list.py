"""The OAK cameras that are connected, and the choice of one of them."""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitruvian.errors import DeviceError
from vitruvian.oak.depthai.adapters import adapter_for
from vitruvian.oak.depthai.errors import IN_USE, device_error, no_device
from vitruvian.oak.depthai.library import load_depthai
from vitruvian.oak.depthai.sensor import has_depth, sockets_of
from vitruvian.oak.runtime import OakInfo

if TYPE_CHECKING:
    from vitruvian.oak.depthai.library import DepthAI

__all__ = ["devices", "find_device", "info_of", "opened_info"]

logger = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 15.0  # a camera on USB starts in about 3 s, one on the network in about 10 s
PROBE_TIMEOUT_S = 1.0
XLINK_PORT = 11490  # TCPIP_LINK_SOCKET_PORT of XLink, tcpip_host.h

STATES = {  # XLinkDeviceState of depthai
    "X_LINK_UNBOOTED": "unbooted",
    "X_LINK_BOOTLOADER": "bootloader",
    "X_LINK_GATE": "bootloader",
    "X_LINK_GATE_SETUP": "bootloader",
    "X_LINK_FLASH_BOOTED": "booted",
    "X_LINK_BOOTED_NON_EXCLUSIVE": "booted",
}
PROTOCOLS = {"X_LINK_USB_VSC": "usb", "X_LINK_USB_CDC": "usb", "X_LINK_TCP_IP": "ethernet"}


def devices(*, quick: bool = False) -> list[OakInfo]:
    """Return the cameras that are connected, at once if there are none.

    Parameters
    ----------
    quick : bool
        Whether cameras that are free are not opened; their sensors are not known then.

    Raises
    ------
    BackendUnavailableError
        If depthai is not installed.
    """
    library = load_depthai()
    device_class = library.module.Device
    free = device_class.getAllAvailableDevices()
    known = {_id_of(info) for info in free} - {""} | {info.name for info in free}
    busy = [
        info
        for info in device_class.getAllConnectedDevices()
        if _id_of(info) not in known and info.name not in known
    ]
    found = [info_of(info) if quick else _looked_into(library, info) for info in free]
    return found + [replace(info_of(info), state="in use") for info in busy]


def find_device(library: DepthAI, wanted: str | None) -> Any:
    """Return the `depthai.DeviceInfo` of a free camera.

    depthai itself would wait for more than 10 s if there is none.

    Parameters
    ----------
    library : DepthAI
    wanted : str or None
        Name, IP address or ID; None for the first one.

    Raises
    ------
    DeviceError
        If there is no such camera, or it is in use.
    """
    device_class = library.module.Device
    free = device_class.getAllAvailableDevices()
    chosen = [info for info in free if wanted is None or _is(info, wanted)]
    if chosen:
        if len(chosen) > 1:
            names = ", ".join(info.name for info in chosen)
            logger.info("OAK camera %s is used, of %s", chosen[0].name, names)
        return chosen[0]
    busy = device_class.getAllConnectedDevices()
    if any(wanted is None or _is(info, wanted) for info in busy):
        raise DeviceError(f"OAK camera {wanted or busy[0].name!r} {IN_USE}")
    if wanted is None:
        raise no_device()
    if _is_address(wanted) and _answers(wanted):
        return library.module.DeviceInfo(wanted)
    names = ", ".join(repr(info.name) for info in free) or "none"
    raise DeviceError(
        f"no OAK camera {wanted!r}, found {names}: vitruvian oak devices lists names, "
        "addresses and IDs"
    )


def info_of(info: Any) -> OakInfo:
    """Return what is known of a camera before it is opened."""
    return OakInfo(
        name=info.name,
        id=_id_of(info),
        state=STATES.get(info.state.name, "in use"),
        protocol=PROTOCOLS.get(info.protocol.name, "none"),
    )


def opened_info(device: Any, info: OakInfo) -> OakInfo:
    """Return what an opened camera says about itself."""
    product = None
    with suppress(RuntimeError):
        product = str(device.getProductName() or device.getDeviceName() or "") or None
    sockets = sockets_of(device.getConnectedCameraFeatures())
    return replace(
        info,
        id=info.id or str(device.getMxId()),
        product=product,
        cameras=tuple(f"{name} {sensor}" for name, sensor in sorted(sockets.items())),
        has_depth=has_depth(sockets),
    )


def _looked_into(library: DepthAI, found: Any) -> OakInfo:
    """Return what a free camera says about itself, or less if it does not answer in time."""
    info = info_of(found)
    answers: list[OakInfo] = []

    def look() -> None:
        try:
            device = adapter_for(library).open_device(library.module, found)
            try:
                answers.append(opened_info(device, info))
            finally:
                device.close()
        except RuntimeError as err:
            logger.warning("%s", device_error(err, info.name))

    thread = threading.Thread(target=look, daemon=True)  # depthai can't be interrupted
    thread.start()
    thread.join(OPEN_TIMEOUT_S)
    if thread.is_alive():
        logger.warning("OAK camera %s did not start in %g s", info.name, OPEN_TIMEOUT_S)
    return answers[0] if answers else info


def _id_of(info: Any) -> str:
    """Return the ID of a camera: `deviceId` in depthai 3, `mxid` in depthai 2."""
    return str(info.deviceId if hasattr(info, "deviceId") else info.mxid)


def _is(info: Any, wanted: str) -> bool:
    return wanted.lower() in (info.name.lower(), _id_of(info).lower())


def _is_address(wanted: str) -> bool:
    try:
        ipaddress.ip_address(wanted)
    except ValueError:
        return False
    return True


def _answers(address: str) -> bool:
    """Whether a camera answers at an address; depthai finds only those of the same subnet."""
    try:
        socket.create_connection((address, XLINK_PORT), timeout=PROBE_TIMEOUT_S).close()
    except OSError:
        return False
    return True
