"""Networks of the device: compiled from the published files, found in the cache, checked."""
