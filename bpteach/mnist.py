"""The MNIST handwritten digits, which ship with the package, kept in memory as bytes."""

from numbers import Integral
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bpteach.arguments import name_of, require_count, require_dtype, require_length, require_path
from bpteach.locale import _
from bpteach.mnist_files import find_idx, find_pickle, read_pair, read_pickle
from bpteach.mnist_in_page import FIRST, Arriving, sets_in_page

DATA = Path(__file__).parent / "data"


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
        words = _("Examples({count} images of {pixels} pixels)")
        return words.format(count=len(self), pixels=self._images_at(slice(0)).shape[1])

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


class _InPage(Arriving, Examples):
    """Examples in a page of the browser."""


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
        return MNIST(*(_InPage(*parts) for parts in sets_in_page(path, first)))
    pickled = None if files else find_pickle(path)
    if pickled:
        sets = read_pickle(pickled)
    else:
        images, labels = read_pair(path, files, "train", folder is None)
        test = read_pair(path, files, "t10k", folder is None)
        cut = len(labels) - len(labels) // 6
        sets = [(images[:cut], labels[:cut]), (images[cut:], labels[cut:]), test]
    sizes = {images.shape[1] for images, _labels in sets}
    if len(sizes) > 1:
        message = _("{path} holds images of {sizes} pixels: expected one size for training and test.")
        raise ValueError(message.format(path=path, sizes=_(" and of ").join(map(str, sorted(sizes)))))
    classes = max(10, *(1 + int(labels.max(initial=0)) for _images, labels in sets))
    return MNIST(*(Examples(*pair, classes=classes) for pair in sets))
