"""Tracking: the people of a video from frame to frame."""
