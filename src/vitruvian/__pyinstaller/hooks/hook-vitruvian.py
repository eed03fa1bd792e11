"""Modules that are imported on first use, and the files of the package."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

hiddenimports = collect_submodules(
    "vitruvian", filter=lambda name: "__pyinstaller" not in name and ".shim" not in name
)
datas = collect_data_files("vitruvian", excludes=["__pyinstaller", "**/*.c"])
module_collection_mode = {
    "vitruvian.backends.openvino_graph": "pyz+py",  # its source is hashed
    "vitruvian.oak.device.edge_script": "py",  # sent to the device as text
    "vitruvian.oak.blobs.openvino_2021": "py",  # run by another Python
}
