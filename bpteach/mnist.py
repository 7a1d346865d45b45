"""The MNIST handwritten digits, which ship with the package, kept in memory as bytes."""

import gzip
import hashlib
import io
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bpteach.arguments import name_of, require_dtype
from bpteach.locale import _

DATA = Path(__file__).parent / "data"

#: SHA-256 of the uncompressed files that ship with the package
CANONICAL = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class Examples:
    """Images and their labels, kept as bytes and turned into columns a mini-batch at a time.

    Parameters
    ----------
    images : array of uint8, shape (n, n_1)
        One row an image, 0 is background and 255 is ink.
    labels : array of uint8, shape (n,)
        The digit on each image, 0 to 9.

    Raises
    ------
    TypeError, ValueError
        If an array does not hold bytes; if a shape does not fit, or a label is above 9.

    Examples
    --------
    >>> few = Examples(np.zeros((3, 784), np.uint8), np.array([7, 2, 1], np.uint8))
    >>> len(few)
    3
    >>> X, Y = few.columns([0, 2])
    >>> X.shape, Y.shape
    ((784, 2), (10, 2))
    """

    def __init__(self, images, labels):
        for name, array, shape in (("images", images, "(n, n_1)"), ("labels", labels, "(n,)")):
            found, is_array = name_of(array), isinstance(array, np.ndarray)
            holds_bytes = is_array and array.dtype == np.uint8
            if is_array and not holds_bytes:
                found = _("{array} of {dtype}").format(array=found, dtype=array.dtype)
            if not holds_bytes or array.ndim != shape.count("n"):
                message = _("{name} is {found}: expected an array of bytes (uint8) of shape {shape}.")
                raise (ValueError if holds_bytes else TypeError)(message.format(name=name, found=found, shape=shape))
        if len(images) != len(labels):
            message = _("images has {images} rows and labels has {labels} numbers: expected as many of each.")
            raise ValueError(message.format(images=len(images), labels=len(labels)))
        if labels.size and labels.max() > 9:
            raise ValueError(_("labels hold {found}: expected 0 to 9.").format(found=labels.max()))
        self.images = images
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, indices):
        """Take some of the examples: `training[:1000]` copies nothing."""
        images, labels = self._rows(indices)
        if labels.ndim == 0:
            message = _(
                "indices is {found}: expected a slice, or a list or array of integers; for one example use "
                "columns({index})."
            )
            raise TypeError(message.format(found=name_of(indices), index=indices))
        if labels.ndim > 1:
            raise TypeError(_no_indices(indices))
        return Examples(images, labels)

    def __repr__(self):
        return f"Examples({len(self)} images of {self.images.shape[1]} pixels)"

    def columns(self, indices, dtype=np.float64):
        """Gather some examples as columns of numbers.

        Parameters
        ----------
        indices : int, slice, or sequence of int
            Which examples, in which order.
        dtype : data type
            `numpy.float64` or `numpy.float32`.

        Returns
        -------
        X, Y : arrays, shapes (n_1, m) and (10, m)
            Pixels / 255, from 0 (background) to 1 (ink), and labels as columns of 0s with a single 1. Each column is
            contiguous in memory.

        Raises
        ------
        TypeError, ValueError
            If `indices` or `dtype` is of the wrong kind; if an index is out of range.
        """
        dtype = require_dtype(dtype)
        if not isinstance(indices, slice):
            given, indices = indices, np.atleast_1d(indices)
            if indices.size == 0:
                indices = indices.astype(np.intp)
            if indices.ndim != 1 or indices.dtype.kind not in "iu":
                raise TypeError(_no_indices(given))
        rows, labels = self._rows(indices)
        Y = np.zeros((len(labels), 10), dtype)
        Y[np.arange(len(labels)), labels] = 1
        return np.divide(rows, 255, dtype=dtype, order="C").T, Y.T

    def _rows(self, indices):
        try:
            return self.images[indices], self.labels[indices]
        except IndexError as error:
            if "out of bounds" in str(error):
                message = _("indices hold one that is out of range: expected integers from {low} to {high}.")
                raise ValueError(message.format(low=-len(self), high=len(self) - 1)) from None
            raise TypeError(_no_indices(indices)) from None


def _no_indices(found):
    message = _("indices is {found}: expected an integer, a slice, or a list or array of integers.")
    return message.format(found=name_of(found))


class MNIST(NamedTuple):
    """The three sets of examples, as the book splits them."""

    training: Examples  # the first five sixths of the training files: 50,000
    validation: Examples  # the last sixth of them: 10,000
    test: Examples  # the test files: 10,000


def load_mnist(folder=None):
    """Read the handwritten digits, verify them, and split them as the book does.

    Parameters
    ----------
    folder : path, optional
        A folder with four IDX files named like those of MNIST, plain or with the ending `.gz`: Fashion-MNIST's, for
        instance. Without it, the files that ship with the package are read and their checksums compared.

    Returns
    -------
    MNIST
        A named tuple: training, validation, test.

    Raises
    ------
    TypeError, FileNotFoundError, OSError
        If `folder` is no path; if it or a file in it is missing; if a file cannot be read.
    ValueError
        If a file is damaged, truncated, or of another kind.

    References
    ----------
    Y. LeCun, C. Cortes, C. J. C. Burges, the MNIST database of handwritten digits. The split is that of Nielsen,
    *Neural Networks and Deep Learning*, chapter 1.

    Examples
    --------
    >>> digits = load_mnist()
    >>> digits.training
    Examples(50000 images of 784 pixels)
    >>> print(digits.test.labels[:3])
    [7 2 1]
    """
    canonical = folder is None
    try:
        folder = Path(DATA if canonical else folder)
    except TypeError:
        raise TypeError(_("folder is {found}: expected the path of a folder.").format(found=name_of(folder))) from None
    images, labels = _read_pair(folder, "train", canonical)
    test = Examples(*_read_pair(folder, "t10k", canonical))
    if images.shape[1] != test.images.shape[1]:
        message = _("{folder} holds training images of {train} pixels and test images of {test}: expected as many.")
        raise ValueError(message.format(folder=folder, train=images.shape[1], test=test.images.shape[1]))
    if len(labels) < 6:
        message = _(
            "{folder} holds {found} training images: expected at least 6, of which a sixth is kept for validation."
        )
        raise ValueError(message.format(folder=folder, found=len(labels)))
    cut = len(labels) - len(labels) // 6
    return MNIST(Examples(images[:cut], labels[:cut]), Examples(images[cut:], labels[cut:]), test)


def _read_pair(folder, prefix, canonical):
    images = _read_idx(folder, f"{prefix}-images-idx3-ubyte", 3, canonical)
    labels = _read_idx(folder, f"{prefix}-labels-idx1-ubyte", 1, canonical)
    if len(images) != len(labels):
        message = _(
            "{folder} holds {images} images and {labels} labels in its {prefix} files: expected as many of each."
        )
        raise ValueError(message.format(folder=folder, prefix=prefix, images=len(images), labels=len(labels)))
    if labels.max() > 9:
        path = folder / f"{prefix}-labels-idx1-ubyte"
        raise ValueError(_("{path} holds the label {found}: expected 0 to 9.").format(path=path, found=labels.max()))
    return images.reshape(len(images), -1), labels


def _read_idx(folder, name, dimensions, canonical):
    """Read one IDX file: two zero bytes, the type (8 is bytes), the number of dimensions, their sizes, the data."""
    path, content = _read_bytes(folder, name)
    if canonical and hashlib.sha256(content).hexdigest() != CANONICAL[name]:
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
    promised = start + int(np.prod(shape, dtype=object))
    if len(content) != promised:
        message = _(
            "{path} is damaged: it holds {found} bytes, and its header promises {expected}; copy the file again."
        )
        raise ValueError(message.format(path=path, found=len(content), expected=promised))
    if 0 in shape:
        message = _("{path} holds nothing: its header promises {shape} bytes, expected at least one.")
        raise ValueError(message.format(path=path, shape=" × ".join(map(str, shape))))
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _read_bytes(folder, name):
    for path in (folder / f"{name}.gz", folder / name):
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            message = _("{path} cannot be read ({reason}): check the permissions of the file.")
            raise OSError(message.format(path=path, reason=error.strerror)) from None
        if path.suffix != ".gz":
            return path, content
        try:
            return path, _unpack(content)
        except (OSError, EOFError, zlib.error) as error:
            message = _("{path} is damaged: it does not unpack ({reason}); copy the file, or install bpteach, again.")
            raise ValueError(message.format(path=path, reason=error)) from None
    if not folder.is_dir():
        message = _("folder is {folder}, which is no folder: expected one that holds {name} or {name}.gz.")
    else:
        message = _(
            "{name} is missing from {folder}: expected that file or {name}.gz; if the folder is the package's own, "
            "install bpteach again."
        )
    raise FileNotFoundError(message.format(name=name, folder=folder))


def _unpack(packed):
    """Unpack a gzip file piece by piece: `gzip.decompress` is slower, and keeps everything twice for a moment."""
    content = bytearray()
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        while piece := file.read(1 << 18):
            content += piece
    return memoryview(content).toreadonly()
