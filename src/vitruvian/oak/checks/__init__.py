"""Checks of a real camera: what could not be proven without one."""
