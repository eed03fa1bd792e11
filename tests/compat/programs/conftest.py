"""The programs in this folder are run by ``test_programs.py``, not collected by pytest."""

collect_ignore_glob = ["*.py"]
