"""Renders synthetic people with ground truth: landmarks, mask and depth.

A `Scene` contains people, objects and a camera. `Scene.render` returns an image of it at a given
time, with the ground truth of each person. `SCENARIOS` are scenes with several people who cross,
enter and leave, with known identities. `crowd` makes a scene with any number of people, `pose_set`
makes images of one person in poses of yoga, dance or interval training.

Examples
--------
>>> person = Person(Figure(height_m=1.70), motions.squat(period_s=2.0))
>>> view = Scene([person]).render(1.0, wh=(160, 160))
>>> view.image.shape, view.people[0].landmarks.shape
((160, 160, 3), (33, 3))
"""

from vitruvian.synthetic import motions
from vitruvian.synthetic.camera import Camera
from vitruvian.synthetic.crowds import crowd
from vitruvian.synthetic.figure import Clothes, Figure
from vitruvian.synthetic.light import Light
from vitruvian.synthetic.pose_sets import POSE_SETS, RenderedPose, pose_set
from vitruvian.synthetic.posture import Posture
from vitruvian.synthetic.room import Box, Room
from vitruvian.synthetic.scenarios import CROSSINGS, SCENARIOS, Scenario
from vitruvian.synthetic.scene import Person, Scene
from vitruvian.synthetic.view import PersonTruth, View

__all__ = [
    "CROSSINGS",
    "POSE_SETS",
    "SCENARIOS",
    "Box",
    "Camera",
    "Clothes",
    "Figure",
    "Light",
    "Person",
    "PersonTruth",
    "Posture",
    "RenderedPose",
    "Room",
    "Scenario",
    "Scene",
    "View",
    "crowd",
    "motions",
    "pose_set",
]
