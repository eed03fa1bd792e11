collect_ignore_glob = ["programs/*.py"]  # run by test_depthai_programs.py
