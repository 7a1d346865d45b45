"""The MNIST handwritten digits, which ship with the package, kept in memory as bytes."""

import functools
from numbers import Integral
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bpteach.arguments import name_of, require_count, require_dtype, require_length, require_path
from bpteach.locale import _
from bpteach.mnist_files import DIMENSIONS, USUAL, find_idx, find_pickle, missing, read_idx, read_pickle
from bpteach.mnist_in_page import FIRST, fetch

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
        What is on each image: a digit, 0 to 9.
    classes : int
        How many different labels there can be: rows of the desired outputs.

    Raises
    ------
    TypeError, ValueError
        If an array does not hold bytes; if a shape does not fit, or a label is too large.

    Examples
    --------
    >>> few = Examples(np.zeros((3, 784), np.uint8), np.array([7, 2, 1], np.uint8))
    >>> len(few)
    3
    >>> X, Y = few.columns([0, 2])
    >>> X.shape, Y.shape
    ((784, 2), (10, 2))
    """

    def __init__(self, images, labels, classes=10):
        _require_bytes("images", images, "(n, n_1)", 2)
        _require_bytes("labels", labels, "(n,)", 1)
        require_length("labels", labels, len(images), _("one for each image"))
        require_count("classes", classes)
        if labels.size and labels.max() >= classes:
            message = _("labels hold {found}: expected 0 to {most}, one below the number of classes.")
            raise ValueError(message.format(found=labels.max(), most=classes - 1))
        self.images, self.labels, self.classes = images, labels, classes

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, indices):
        """Take some of the examples: `training[:1000]` copies nothing."""
        if isinstance(indices, Integral | tuple):
            message = _("indices is {found}: expected a slice, list or array; for one example use columns({index}).")
            raise TypeError(message.format(found=name_of(indices), index=indices))
        return Examples(*self._rows(indices, "iub"), self.classes)

    def __repr__(self):
        return f"Examples({len(self)} images of {self._images_at(slice(0)).shape[1]} pixels)"

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
        X, Y : arrays, shapes (n_1, m) and (classes, m)
            Pixels / 255, from 0 (background) to 1 (ink), and labels as columns of 0s with a single 1. Each column is
            contiguous in memory.

        Raises
        ------
        TypeError, ValueError
            If `indices` or `dtype` is of the wrong kind; if an index is out of range.
        """
        dtype = require_dtype(dtype)
        rows, labels = self._rows(indices, "iu")
        Y = np.zeros((len(labels), self.classes), dtype)
        Y[np.arange(len(labels)), labels] = 1
        return np.divide(rows, 255, dtype=dtype, order="C").T, Y.T

    def _rows(self, indices, kinds):
        chosen = indices
        if not isinstance(indices, slice):
            chosen = np.atleast_1d(indices) if np.size(indices) else np.empty(0, np.intp)
            kind = chosen.dtype.kind
            if chosen.ndim != 1 or kind not in kinds or (kind == "b" and len(chosen) != len(self)):
                message = _("indices is {found}: expected an integer, a slice, or a list or array of integers.")
                raise TypeError(message.format(found=name_of(indices)))
        try:
            return self._images_at(chosen), self.labels[chosen]
        except IndexError:
            message = _("indices hold one that is out of range: expected integers from {low} to {high}.")
            raise ValueError(message.format(low=-len(self), high=len(self) - 1)) from None

    def _images_at(self, chosen):
        return self.images[chosen]


class _Arriving(Examples):
    """Examples in a page of the browser: the first ones are here, and any other has all of them fetched."""

    def __init__(self, here, labels, fetched):
        self._here, self._fetched, self.labels, self.classes = here, fetched, labels, 10

    @property
    def images(self):
        return self._fetched()

    def _images_at(self, chosen):
        places = np.arange(len(self))[chosen]
        return (self._here if places.max(initial=-1) < len(self._here) else self.images)[places]


def _require_bytes(name, array, shape, dimensions):
    holds_bytes = isinstance(array, np.ndarray) and array.dtype == np.uint8
    if not holds_bytes or array.ndim != dimensions:
        found = name_of(array)
        if isinstance(array, np.ndarray):
            found = _("{array} of {dtype}").format(array=found, dtype=array.dtype)
        message = _("{name} is {found}: expected an array of bytes (uint8) of shape {shape}.")
        raise (ValueError if holds_bytes else TypeError)(message.format(name=name, found=found, shape=shape))


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
        A folder with four IDX files named like those of MNIST or EMNIST, packed (`.gz`) or not; where it holds several
        sets, go on with the beginning of their names: "folder/emnist-letters". Or the book's mnist.pkl.gz, or a folder
        that holds it; nothing that a pickle asks for is run. Without it, the files that ship with the package are read
        and their checksums compared.

    Returns
    -------
    MNIST
        A named tuple: training, validation, test. A set with labels above 9 has more rows in its desired outputs: 27
        for the letters of EMNIST, labels 1 to 26.

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
    path = require_path("folder", DATA if folder is None else folder, _("a folder"))
    files = find_idx(path)
    if folder is None and (first := find_idx(path / FIRST)):
        return _load_in_page(files, first)
    pickled = None if files else find_pickle(path)
    if pickled:
        sets = read_pickle(pickled)
    else:
        images, labels = _read_pair(path, files, "train", folder is None)
        test = _read_pair(path, files, "t10k", folder is None)
        cut = len(labels) - len(labels) // 6
        sets = [(images[:cut], labels[:cut]), (images[cut:], labels[cut:]), test]
    sizes = {images.shape[1] for images, _labels in sets}
    if len(sizes) > 1:
        message = _("{path} holds images of {sizes} pixels: expected one size for training and test.")
        raise ValueError(message.format(path=path, sizes=_(" and of ").join(map(str, sorted(sizes)))))
    classes = max(10, *(1 + int(labels.max(initial=0)) for _images, labels in sets))
    return MNIST(*(Examples(*pair, classes=classes) for pair in sets))


def _load_in_page(files, first):
    """Load the labels and the first training images; the other images are fetched when they are needed."""

    @functools.cache
    def images_of(use):
        if (use, "images") not in find_idx(DATA):
            fetch(f"{USUAL[use, 'images']}.gz", DATA)
        return _read_pair(DATA, find_idx(DATA), use, True)[0]

    def arriving(use, rows, here):
        labels = read_idx(files[use, "labels"], 1, CANONICAL[USUAL[use, "labels"]])
        return _Arriving(here, labels[rows], lambda: images_of(use)[rows])

    here = read_idx(first["train", "images"], 3).reshape(-1, 784)
    training, validation = slice(50_000), slice(50_000, None)
    sets = [("train", training, here), ("train", validation, here[:0]), ("t10k", slice(None), here[:0])]
    return MNIST(*(arriving(*each) for each in sets))


def _read_pair(folder, files, use, canonical):
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
