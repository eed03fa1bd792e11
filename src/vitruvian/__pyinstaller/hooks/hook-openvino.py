"""The plugins of OpenVINO, which it loads by name, and the frontend of TFLite files."""

from PyInstaller.utils.hooks import collect_data_files, collect_dynamic_libs

binaries = collect_dynamic_libs("openvino")
datas = collect_data_files("openvino", subdir="libs")
