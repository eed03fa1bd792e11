"""Files in the format of compiled networks, without code for the device."""

from __future__ import annotations

import struct

from vitruvian.oak.networks import NETWORKS

__all__ = ["crafted_blob", "crafted_network"]

TYPES = {"float16": (0, 2), "uint8": (1, 1)}
Tensor = tuple[str, tuple[int, ...], str]


def crafted_blob(
    inputs: list[Tensor], outputs: list[Tensor], *, shaves: int = 4, version: int = 6
) -> bytes:
    """Return a file whose header describes these inputs and outputs: name, shape, type."""
    constants = bytearray()

    def section(tensors: list[Tensor]) -> bytes:
        rows, offset = b"", 0
        for index, (name, shape, dtype) in enumerate(tensors):
            code, width = TYPES[dtype]
            text = name.encode() + b"\0" * (16 - len(name) % 16)
            order = int("87654321"[-len(shape) :], 16)
            strides = [width]
            for length in shape[:0:-1]:
                strides.append(strides[-1] * length)
            at = len(constants)
            constants.extend(struct.pack(f"<{2 * len(shape)}I", *shape[::-1], *strides))
            rows += struct.pack("<3I", index, offset, len(text)) + text
            rows += struct.pack("<7I", code, order, len(shape), 3, at, 3, at + 4 * len(shape))
            offset += -(-strides[-1] * shape[0] // 64) * 64
        return rows

    first, second = section(inputs), section(outputs)
    inputs_at = 192
    outputs_at = inputs_at + len(first)
    stages_at = outputs_at + len(second)
    size = stages_at + len(constants)
    fields = [9709, size, version, 0, len(inputs), len(outputs), 2, 0, 0, 1, 0, shaves, shaves]
    fields += [0, 1, 0, inputs_at, outputs_at, stages_at, stages_at]
    elf = b"\x7felf" + b"\0" * 12 + struct.pack("<2H", 1, 2) + b"\0" * 32
    head = elf + struct.pack("<20I", *fields)
    return head.ljust(inputs_at, b"\0") + first + second + bytes(constants)


def crafted_network(name: str, *, shaves: int = 4, version: int = 6) -> bytes:
    """Return a file with the inputs and outputs of a network."""
    network = NETWORKS[name]
    dtype = "uint8" if network.is_bytes else "float16"
    return crafted_blob(
        [(n, (1, *shape), dtype) for n, shape in network.inputs],
        [(n, (1, *shape), "float16") for n, shape in network.outputs],
        shaves=network.shaves_for(shaves),
        version=version,
    )
