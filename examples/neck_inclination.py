"""Print how far neck and trunk lean forward, of a person at a desk who is seen from the side.

python examples/neck_inclination.py desk.mp4
"""

import sys

import numpy as np

import vitruvian as vt
from vitruvian.analysis.filtering import filtered

NECK_DEG, TRUNK_DEG = 40, 20  # from upright: more counts as bent

with vt.PoseTracker("full", smoothing=0) as tracker, vt.open_input(sys.argv[1]) as frames:
    sequence = vt.PoseSequence.from_results([tracker.update(frame) for frame in frames])
if not sequence.ids.size:
    sys.exit("no person found")

person = filtered(sequence.person(sequence.ids[0]))
side = "left" if np.nanmean(person.visibility[:, 7] - person.visibility[:, 8]) > 0 else "right"
ear, shoulder, hip = (
    person.landmarks[:, vt.BLAZEPOSE.index(f"{side}_{part}"), :2]
    for part in ("ear", "shoulder", "hip")
)
bent = np.zeros(len(person), bool)
for name, bone, limit in (("neck", ear - shoulder, NECK_DEG), ("trunk", shoulder - hip, TRUNK_DEG)):
    lean_deg = np.degrees(np.arctan2(np.abs(bone[:, 0]), -bone[:, 1]))
    bent |= lean_deg > limit
    print(f"{name}: {np.nanmedian(lean_deg):.0f} degrees from upright (limit {limit})")
share = bent[person.is_present].mean()
print(f"bent in {share:.0%} of {len(person)} frames, seen from the {side}")
