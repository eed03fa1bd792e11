"""Model files: the published ones, where to find them on this machine, and how to fetch them."""
