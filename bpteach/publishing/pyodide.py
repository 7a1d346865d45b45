"""Python for the browser, Pyodide, as the live lessons need it: interpreter, packages, and the list of these."""

import gzip
import hashlib
import json
import re
import tempfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from bpteach.locale import _
from bpteach.mnist import DATA, load_mnist
from bpteach.mnist_files import USUAL
from bpteach.mnist_in_page import FEW, FIRST
from bpteach.publishing import npm
from bpteach.publishing.lessons import ROOT
from bpteach.publishing.pages import TEMPLATES, RefusedError, copy_file
from bpteach.readiness import PARTS

#: where Pyodide's own packages usually are; npm has the rest of it
ADDRESS = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
LIBRARY = "python_stdlib.zip"
INTERPRETER = ["pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", LIBRARY]
LOCK = "pyodide-lock.json"
COMPILE = TEMPLATES / "live" / "compile.js"

#: what is loaded when the kernel starts: what it would look for by itself, and the lessons' package
LOADED = ["micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython", "bpteach"]

#: what runs in Python before the notebook asks for it: the kernel, which completes names without Jedi and knows no
#: terminal, and what a lesson looks for first; the drive of the notebooks, once it is there, makes each import slower
STARTED = f"""import sys, types
sys.modules["IPython.terminal.embed"] = types.SimpleNamespace(embed=None)
import pyodide_kernel
pyodide_kernel.ipython_shell.Completer.use_jedi = False
import piplite.piplite, bpteach.readiness, {", ".join(PARTS)}
"""

#: installed packages, written in Python alone, that are packed for the site, with what they need
PACKED = {
    "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
    "comm": ["traitlets"],
    "ipywidgets": ["comm", "ipython", "widgetsnbextension"],
    "psygnal": [],
    "threadpoolctl": [],
    "tqdm": [],
    "typing_extensions": [],
}
PLUGIN = "@jupyterlite/pyodide-kernel-extension"
OF_KERNEL = ["ipykernel-*", "piplite-*", "pyodide_kernel-*", "widgetsnbextension-4*"]
NEEDED = ["numpy", "matplotlib", "anywidget", "threadpoolctl", "tqdm"]  # by the lessons' package

#: what the kernel asks for and no lesson needs (Jedi has 1,900 files); and what Matplotlib names, and needs for other
#: kinds of pictures, and IPython in a terminal
EMPTY, LEFT_OUT = ["jedi", "ssl"], ["fonttools", "matplotlib-pyodide", "pytz", "prompt-toolkit", "wcwidth"]

#: what is written in Python alone goes into Python's own library, since each file that is unpacked takes time; but for
#: what others look for as files or by their metadata
AS_FILES = ["anywidget", "bpteach", "matplotlib-inline", "micropip", "packaging", "piplite", "pyodide-kernel"]

COMPILED = (".pyc", ".so", ".pyd")

#: files of any package for editors, of NumPy for compilers, of Pygments for other languages, and of Matplotlib fonts of
#: other kinds, icons, and examples of data
NOT_NEEDED = re.compile(
    r".*\.(pyi|pxd)$|numpy/(f2py|_core/include|random/lib)/"
    r"|pygments/lexers/(?!__init__|_mapping|python)"
    r"|matplotlib/mpl-data/(sample_data|images|fonts/(afm|pdfcorefonts|ttf/DejaVuS(erif|ans(-BoldO|Mono-))))"
)

#: what the package's wheel goes without: rooms of teachers and maintainers, what lessons and pages are translated with,
#: and images, which are fetched when needed
IMAGES = [f"{USUAL[use, 'images']}.gz" for use in ("train", "t10k")]
NOT_IN_PAGE = ["publishing", "classroom", *IMAGES]

#: the version that Matplotlib 3.8 gives its list of fonts; Pyodide's list has another, and is made anew at each start
FONTS = 330
FONT_KEYS = ["fname", "name", "style", "variant", "weight", "stretch", "size", "__class__"]


def write_pyodide(folder, kernel, source, address=None):
    """Fill a folder with what Python in a page needs; give its files.

    They come from the folder of the kernel and from one with Pyodide, whose packages may stay at an address.
    """
    for name in INTERPRETER:
        copy_file(source / name, folder / name)
    lock = json.loads((source / LOCK).read_text(encoding="utf-8"))
    packages, own = lock["packages"], {}
    for name, needed in PACKED.items():
        own[key_of(name)] = entry(write_wheel(folder, name, files_of(name)), needed)
    for path in (path for pattern in OF_KERNEL for path in kernel.glob(f"static/pypi/{pattern}.whl")):
        copy_file(path, folder / path.name)
        own[key_of(path.name.split("-")[0])] = entry(folder / path.name, [])
    for name in EMPTY:
        own[name] = entry(write_wheel(folder, name, {}, "0"), [])
    own["bpteach"] = entry(write_wheel(folder, "bpteach", files_of_bpteach()), NEEDED)
    for name in IMAGES:
        copy_file(DATA / name, folder / name)
    packages |= own
    lock["packages"] = {name: packages[name] for name in sorted(closure(packages, LOADED))}
    for name, package in lock["packages"].items():
        package["depends"] = [key_of(other) for other in package["depends"] if key_of(other) not in LEFT_OUT]
        if name in own:
            continue
        if address:
            package["file_name"] = address + package["file_name"]
        elif not (source / package["file_name"]).exists():
            message = _("{folder} lacks {name}: expected a folder with all of Pyodide.")
            raise RefusedError(message.format(folder=source, name=package["file_name"]))
        else:
            copy_wheel(source / package["file_name"], folder)
            package["sha256"] = checksum(folder / package["file_name"])
    if not address:
        move_to_library(folder, lock["packages"])
        write_lock(folder, lock)
        lock["packages"]["compiled"] = entry(write_compiled(folder), [])
        lock["packages"]["bpteach"]["depends"].append("compiled")
        write_lock(folder, lock)
    return [*INTERPRETER, *(package["file_name"] for package in lock["packages"].values())]


def write_lock(folder, lock):
    (folder / LOCK).write_text(json.dumps(lock), encoding="utf-8")


def copy_wheel(path, folder):
    """Copy a wheel to a folder, without what no lesson needs."""
    with zipfile.ZipFile(path) as full, zipfile.ZipFile(folder / path.name, "w", zipfile.ZIP_DEFLATED) as copied:
        for name in full.namelist():
            if not NOT_NEEDED.match(name):
                copied.writestr(zipfile.ZipInfo(name), full.read(name), zipfile.ZIP_DEFLATED)


def move_to_library(folder, packages):
    """Put the modules of packages into Python's own library; what is left of each says that it is there."""
    with zipfile.ZipFile(folder / LIBRARY, "a") as library:
        for name in sorted(packages.keys() - {*AS_FILES}):
            wheel = folder / packages[name]["file_name"]
            with zipfile.ZipFile(wheel) as packed:
                files = {file: packed.read(file) for file in packed.namelist()}
            if any(file.endswith(".so") for file in files):
                continue
            for file in (file for file in files if not re.match(r"[^/]+\.(dist-info|data)/", file)):
                library.writestr(zipfile.ZipInfo(file), files[file], zipfile.ZIP_DEFLATED)
            wheel.unlink()
            left = entry(write_wheel(folder, name, {}, packages[name]["version"]), packages[name]["depends"])
            packages[name] |= {key: left[key] for key in ("file_name", "sha256")}


def write_compiled(folder):
    """Write a wheel of what Python compiles while it starts, so that no page does; into its library what is of that."""
    with tempfile.TemporaryDirectory() as place:
        archive = Path(place) / "compiled.zip"
        asked = {"folder": str(folder), "packages": LOADED, "code": STARTED, "archive": str(archive)}
        npm.node(COMPILE, folder, asked)
        with zipfile.ZipFile(archive) as packed:
            files = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(folder / LIBRARY) as library:
        files = {f"library/{name}": library.read(name) for name in library.namelist()} | files  # what is compiled last
    with zipfile.ZipFile(folder / LIBRARY, "w") as library:
        for name in [name for name in files if name.startswith("library/")]:
            content = files.pop(name)
            if f"{name}c" not in files:
                library.writestr(zipfile.ZipInfo(name.removeprefix("library/")), content, zipfile.ZIP_DEFLATED)
    return write_wheel(folder, "compiled", files, "0")


def key_of(name):
    """Write a package's name as the list does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(packages, names):
    """Give the names of packages and of all that they need."""
    found, waiting = set(), [*names]
    while waiting:
        name = key_of(waiting.pop())
        if name not in found and name not in LEFT_OUT:
            found.add(name)
            waiting += packages[name]["depends"]
    return found


def checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entry(wheel, depends):
    """Write down a wheel of the site as the list does."""
    name, version = wheel.name.split("-")[:2]
    return {
        "name": name,
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": checksum(wheel),
        "package_type": "package",
        "imports": [name],
        "depends": depends,
        "unvendored_tests": False,
    }


def write_wheel(folder, name, files, found=None):
    """Write a wheel for any machine; its name changes with what is in it, so that no browser keeps an old one."""
    found = found or distribution(name).version
    written = hashlib.sha256(repr(files).encode()).hexdigest()[:8]
    path = folder / f"{name}-{found}-0{written}-py3-none-any.whl"
    about = f"{name}-{found}.dist-info"
    needed = {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {found}\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file, content in sorted((needed | files).items()):
            packed.writestr(zipfile.ZipInfo(file), content, zipfile.ZIP_DEFLATED)
    return path


def files_of(name):
    """Read the files of an installed package, but for what is compiled for this machine."""
    paths = [path for path in distribution(name).files if ".." not in path.parts and path.suffix not in COMPILED]
    return {path.as_posix(): path.locate().read_bytes() for path in paths}


def files_of_bpteach():
    """Read the package's own files: what a reader in the browser uses, with the first training images alone."""
    installed = distribution("bpteach")
    paths = [path for path in (ROOT / "bpteach").rglob("*") if path.is_file() and path.suffix not in COMPILED]
    paths = [path for path in paths if path.suffix != ".po" or path.parent.name == "LC_MESSAGES"]
    files = {path.relative_to(ROOT).as_posix(): path for path in paths}
    own = {name: path.read_bytes() for name, path in files.items() if not {*name.split("/")} & {*NOT_IN_PAGE}}
    own |= {f"bpteach/data/{FIRST}-{IMAGES[0]}": first_images(), "matplotlib/fontlist.json": fonts()}
    return own | {f"bpteach-{installed.version}.dist-info/METADATA": installed.read_text("METADATA").encode()}


def first_images():
    images = load_mnist().training.images[:FEW]
    header = bytes([0, 0, 8, 3]) + b"".join(size.to_bytes(4, "big") for size in (FEW, 28, 28))
    return gzip.compress(header + images.tobytes(), mtime=0)


def fonts():
    """Write the list of the fonts that Matplotlib brings."""
    from matplotlib import font_manager  # slow to load

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fonts.json"
        font_manager.json_dump(font_manager.fontManager, path)
        found = json.loads(path.read_text(encoding="utf-8")) | {"_version": FONTS}
    found["afmlist"], brought = [], [font for font in found["ttflist"] if not Path(font["fname"]).is_absolute()]
    brought = [font for font in brought if not NOT_NEEDED.match(f"matplotlib/mpl-data/{font['fname']}")]
    found["ttflist"] = [{key: font[key] for key in FONT_KEYS} for font in brought]
    return json.dumps(found).encode()
