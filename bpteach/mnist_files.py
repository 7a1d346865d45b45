"""Files of digits: the four of an IDX set, under the names that people's copies have, and the book's pickle.

A pickle may name any function and have it called. Here it cannot: whatever it names, but for the parts of an array, is
refused, and for those it gets a `Part`, which keeps what it is told and runs nothing.
"""

import difflib
import gzip
import hashlib
import io
import pickle
import re
import zlib
from pathlib import Path

import numpy as np

from bpteach.locale import _

#: the file names of MNIST's copies and relatives: train-images-idx3-ubyte.gz, emnist-letters-test-labels.idx1-ubyte
NAME = re.compile(r"(?:(.+)-)?(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(?:\.gz)?", re.IGNORECASE)
DIMENSIONS = {"images": 3, "labels": 1}
USUAL = {(use, what): f"{use}-{what}-idx{n}-ubyte" for use in ("train", "t10k") for what, n in DIMENSIONS.items()}
#: SHA-256 of the uncompressed files that ship with the package
CANONICAL = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
ARRAY_PARTS = ("_reconstruct", "_frombuffer", "ndarray", "dtype")
MOST = 1 << 30  # bytes of an unpacked file: EMNIST's largest has 547 million


def find_idx(folder):
    """Give a set's files by (use, what), packed ones first; `folder` may go on with the beginning of their names."""
    folder, prefix = (folder, None) if folder.is_dir() else (folder.parent, folder.name)
    sets = {}
    for path in sorted(folder.glob("*"), key=lambda path: (path.is_dir(), path.suffix != ".gz", path.name)):
        if match := NAME.fullmatch(path.name):
            name, use, what = match.groups()
            sets.setdefault(name, {}).setdefault((use.lower().replace("test", "t10k"), what.lower()), path)
    if prefix is None and None not in sets and len(sets) == 1:
        return next(iter(sets.values()))
    if prefix is None and None not in sets and sets:
        message = _("{folder} holds {sets}: expected one set; load_mnist({one!r}) takes the first.")
        raise ValueError(message.format(folder=folder, sets=_(", ").join(sets), one=str(folder / next(iter(sets)))))
    return sets.get(prefix, {})


def find_pickle(path):
    """Give the path of the book's pickle: this one, or the one in this folder; None if there is none."""
    tried = [path] if re.search(r"\.(pkl|pickle)(\.gz)?$", path.name) else [path / "mnist.pkl.gz", path / "mnist.pkl"]
    return next(filter(Path.is_file, tried), None)


def missing(folder, part, ships):
    """Word the absence of a file, with the nearest name that is there; `ships`: it should have come with bpteach."""
    name, near = USUAL[part], _("; install bpteach again") if ships else ""
    if not folder.is_dir():
        message = _("folder is {folder}, which is no folder: expected one that holds {name} or {name}.gz.")
        return FileNotFoundError(message.format(folder=folder, name=name))
    names = [path.name for path in folder.glob("*") if not NAME.fullmatch(path.name)]
    deeper = [path.parent for depth in ("*/", "*/*/") for path in folder.glob(f"{depth}{name}*")]
    if close := difflib.get_close_matches(name, names, 1, 0.8):
        near = _("; {near} is there").format(near=close[0])
    elif deeper:
        near = _("; there is one in {deeper}").format(deeper=deeper[0])
    message = _("{name} is missing from {folder}: expected that file or {name}.gz{near}.")
    return FileNotFoundError(message.format(name=name, folder=folder, near=near))


def read(path, shared=False):
    """Give the bytes of a file, unpacked piece by piece: `gzip.decompress` is slower, and keeps everything twice.

    A plain file that is `shared` is mapped: its pages are in memory once for all processes, as on a class's server.
    """
    try:
        if shared and path.suffix != ".gz" and path.stat().st_size:
            return np.memmap(path, mode="r").data
        packed = path.read_bytes()
    except OSError as error:
        message = _("{path} cannot be read ({reason}): check its permissions.")
        raise OSError(message.format(path=path, reason=error.strerror)) from None
    if path.suffix != ".gz" and packed[:2] != b"\x1f\x8b":  # whatever its name, it may be packed
        return packed
    content = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            while piece := file.read(1 << 18):
                content += piece
                if len(content) > MOST:
                    message = _("{path} unpacks to more than {most:,} bytes: expected handwritten digits.")
                    raise ValueError(message.format(path=path, most=MOST))
    except (OSError, EOFError, zlib.error) as error:
        message = _("{path} is damaged: it does not unpack ({reason}); copy the file, or install bpteach, again.")
        raise ValueError(message.format(path=path, reason=error)) from None
    return memoryview(content).toreadonly()


def read_idx(path, dimensions, checksum=None):
    """Read one IDX file: two zero bytes, the type (8 is bytes), the number of dimensions, their sizes, the data."""
    content = read(path, shared=checksum is not None)  # in a reader's folder a file may be cut while it is mapped
    if checksum and hashlib.sha256(content).hexdigest() != checksum:
        message = _("{path} is not the file that ships with bpteach: its checksum is wrong; install bpteach again.")
        raise ValueError(message.format(path=path))
    magic = bytes([0, 0, 8, dimensions])
    if content[:4] != magic:
        what, found = _("labels") if dimensions == 1 else _("images"), content[:4].hex(" ") or _("nothing at all")
        message = _("{path} is no IDX file of {what}: it starts with {found}, expected {expected}.")
        raise ValueError(message.format(path=path, what=what, found=found, expected=magic.hex(" ")))
    start = 4 + 4 * dimensions
    header = content[4:start]
    shape = tuple(int.from_bytes(header[i : i + 4], "big") for i in range(0, len(header), 4))
    if 0 in shape or start + int(np.prod(shape, dtype=object)) != len(content):
        message = _("{path} is damaged: its header promises {shape} bytes, and {found} follow; copy the file again.")
        raise ValueError(
            message.format(path=path, shape=" × ".join(map(str, shape)) or _("no"), found=len(content[start:]))
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_pair(folder, files, use, canonical):
    """Read images, one row each, and their labels; `canonical`: as they ship with the package."""
    arrays = []
    for what, dimensions in DIMENSIONS.items():
        if (use, what) not in files:
            raise missing(folder, (use, what), canonical)
        checksum = CANONICAL[USUAL[use, what]] if canonical else None
        arrays.append(read_idx(files[use, what], dimensions, checksum))
    images, labels = arrays
    if len(images) != len(labels):
        message = _("{folder} holds {images} images and {labels} labels in its {use} files: expected as many of each.")
        raise ValueError(message.format(folder=folder, use=use, images=len(images), labels=len(labels)))
    return images.reshape(len(images), -1), labels


class Part:
    """What a pickle names: it keeps what it is called with and what state it gets."""

    def __init__(self, name, arguments=()):
        self.name, self.arguments, self.state = name, arguments, ()

    def __call__(self, *arguments):
        return Part(self.name, arguments)

    def __setstate__(self, state):
        self.state = state


class ArrayUnpickler(pickle._Unpickler):  # the one in Python: the one in C fills memory where a pickle asks for it
    """Reads a pickle of arrays; whatever else it names is refused."""

    def find_class(self, module, name):
        from_numpy = re.fullmatch(r"numpy(\._?core\.(multiarray|numeric))?", module)
        if (module, name) != ("_codecs", "encode") and not (from_numpy and name in ARRAY_PARTS):
            raise ValueError(_("it names {module}.{name}").format(module=module, name=name))
        return Part(name)


def read_pickle(path):
    """Read the book's mnist.pkl.gz, of Python 2 or newer: three pairs of arrays, images and labels."""
    content = io.BytesIO(read(path))
    try:
        training, validation, test = ArrayUnpickler(content, encoding="bytes").load()
        return [(_pixels(_array(images)), _labels(_array(labels))) for images, labels in (training, validation, test)]
    except Exception as error:  # a damaged pickle may raise anything
        reason = str(error) if type(error) is ValueError else _("it is damaged")
        message = _("{path} is no pickle of digits like the book's ({reason}): expected three pairs of arrays.")
        raise ValueError(message.format(path=path, reason=reason)) from None


def _array(part):
    """Build an array of plain numbers from what a pickle tells of it."""
    if part.name == "_frombuffer":
        data, dtype, shape, order = part.arguments
        in_columns = _text(order) == "F"
    else:
        _version, shape, dtype, in_columns, data = part.state
    if isinstance(data, Part):  # Python 3 writes bytes so for Python 2
        data = data.arguments[0].encode("latin1")
    kind, order = _text(dtype.arguments[0]), _text(dtype.state[1])
    if not re.fullmatch("[<>|=]?[fiu][1248]", kind):
        raise ValueError(_("it holds an array of {kind}").format(kind=kind))
    return np.frombuffer(data, np.dtype(kind).newbyteorder(order)).reshape(shape, order="F" if in_columns else "C")


def _text(value):
    return value.decode("latin1") if isinstance(value, bytes) else value


def _labels(array):
    if array.ndim != 1 or array.dtype.kind not in "iu" or not 0 <= array.min() <= array.max() <= 255:
        raise ValueError(_("its labels are no whole numbers from 0 to 255, one an image"))
    return array.astype(np.uint8)


def _pixels(array):
    """Give images as bytes. The book's are bytes divided by 256; others divide by 255."""
    if array.ndim != 2:
        raise ValueError(_("its images are an array of shape {shape}, not one row each").format(shape=array.shape))
    if array.dtype == np.uint8:
        return array
    for steps in (256, 255):
        parts = [_bytes(array[start : start + 1000], steps) for start in range(0, len(array), 1000)]
        if all(part is not None for part in parts):
            return np.concatenate(parts)
    raise ValueError(_("its pixels are no bytes divided by 256 or by 255"))


def _bytes(numbers, steps):
    with np.errstate(all="ignore"):
        scaled = numbers * steps
        whole = np.rint(scaled)
        fits = np.abs(scaled - whole).max() < 0.01 and 0 <= whole.min() <= whole.max() <= 255
    return whole.astype(np.uint8) if fits else None
