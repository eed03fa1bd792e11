"""A virtual OAK: a camera without hardware, for tests and trials, made of a scene or a video."""

from __future__ import annotations
