"""The programs in this folder are run, not collected: see ``test_programs.py``."""

collect_ignore_glob = ["*.py"]
