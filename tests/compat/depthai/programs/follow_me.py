"""Tracks one person and shows the skeleton: every option and call of depthai_blazepose's demo."""

import argparse

from BlazeposeRenderer import BlazeposeRenderer

parser = argparse.ArgumentParser()
parser.add_argument("--frames", type=int, help="stop after so many frames")
parser.add_argument("-e", "--edge", action="store_true")
parser.add_argument("-i", "--input", type=str, default="rgb")
parser.add_argument("--pd_m", type=str)
parser.add_argument("--lm_m", type=str)
parser.add_argument("-xyz", "--xyz", action="store_true")
parser.add_argument("-c", "--crop", action="store_true")
parser.add_argument("--no_smoothing", action="store_true")
parser.add_argument("-f", "--internal_fps", type=int)
parser.add_argument("--internal_frame_height", type=int, default=640)
parser.add_argument("-t", "--trace", action="store_true")
parser.add_argument("--force_detection", action="store_true")
parser.add_argument("-3", "--show_3d", choices=[None, "image", "world", "mixed"], default=None)
parser.add_argument("-o", "--output")
options = parser.parse_args()

if options.edge:
    from BlazeposeDepthaiEdge import BlazeposeDepthai
else:
    from BlazeposeDepthai import BlazeposeDepthai

tracker = BlazeposeDepthai(
    input_src=options.input,
    pd_model=options.pd_m,
    lm_model=options.lm_m,
    smoothing=not options.no_smoothing,
    xyz=options.xyz,
    crop=options.crop,
    internal_fps=options.internal_fps,
    internal_frame_height=options.internal_frame_height,
    force_detection=options.force_detection,
    stats=True,
    trace=options.trace,
)
renderer = BlazeposeRenderer(tracker, show_3d=options.show_3d, output=options.output)
n_frames = 0
while n_frames != options.frames:
    frame, body = tracker.next_frame()
    if frame is None:
        break
    frame = renderer.draw(frame, body)
    if body and body.xyz_ref:
        print(body.xyz_ref, *(round(float(mm)) for mm in body.xyz))
    n_frames += 1
    if renderer.waitKey(delay=1) in (27, ord("q")):
        break
renderer.exit()
tracker.exit()
