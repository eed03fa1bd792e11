"""Real cameras: graphs become pipelines of depthai 3 or 2, and messages of depthai ours."""
