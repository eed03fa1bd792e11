"""Model files: what is published, where each is on this machine, and how it is fetched."""
