"""Build of the compiled core. It is optional: without a compiler the NumPy versions are used."""

import os
from pathlib import Path

from setuptools import Extension, setup

FLAGS = {
    "posix": ["-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden"],
    "nt": ["/std:c11", "/O2", "/fp:precise"],
}

core = Extension(
    "vitruvian._core",
    sources=sorted(str(path) for path in Path("csrc").glob("*.c")),
    depends=sorted(str(path) for path in Path("csrc").glob("*.h")),
    extra_compile_args=FLAGS[os.name],
    libraries=["m"] if os.name == "posix" else [],
    py_limited_api=True,
    optional=True,
)

setup(ext_modules=[core], options={"bdist_wheel": {"py_limited_api": "cp311"}})
