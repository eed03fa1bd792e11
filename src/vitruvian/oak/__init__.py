"""OAK cameras of Luxonis: frames, networks or the whole tracker on the device, measured 3D.

- `open_oak` opens a camera as a `Source`; `OakCamera.model` is what a `PoseTracker` is made from.
- `devices` lists the cameras that are connected.
- `vitruvian.oak.virtual` is a camera without hardware, for tests and trials.
"""

from __future__ import annotations
