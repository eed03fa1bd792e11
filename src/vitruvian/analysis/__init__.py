"""Analysis of poses: flag semaphore."""
