"""Programs that run on the device, whose Python is 3.9 without NumPy: their text is sent to it."""

from __future__ import annotations
