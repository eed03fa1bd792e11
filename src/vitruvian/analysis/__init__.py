"""Analysis of poses."""
