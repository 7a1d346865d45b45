"""The digits where Python runs in a page (Pyodide): the first ones come with the package, the others when needed."""

import functools

import numpy as np

from bpteach.locale import _
from bpteach.mnist_files import CANONICAL, USUAL, find_idx, read_idx, read_pair

#: how the name of the file begins that has the first training images, and how many these are
FIRST, FEW = "first", 1000


class Arriving:
    """Examples of which the first images are here, while any other has all of them fetched."""

    def __init__(self, here, labels, fetched):
        self._here, self._fetched, self.labels, self.classes = here, fetched, labels, 10

    @property
    def images(self):
        return self._fetched()

    def _images_at(self, chosen):
        places = np.arange(len(self))[chosen]
        return (self._here if places.max(initial=-1) < len(self._here) else self.images)[places]


def sets_in_page(folder, first):
    """Give what is `Arriving` in the training, validation and test sets."""

    @functools.cache
    def images_of(use):
        if (use, "images") not in find_idx(folder):
            fetch(f"{USUAL[use, 'images']}.gz", folder)
        return read_pair(folder, find_idx(folder), use, True)[0]

    here = read_idx(first["train", "images"], 3).reshape(-1, 784)
    training, validation = slice(50_000), slice(50_000, None)
    for use, rows, few in (("train", training, here), ("train", validation, here[:0]), ("t10k", slice(None), here[:0])):
        labels = read_idx(find_idx(folder)[use, "labels"], 1, CANONICAL[USUAL[use, "labels"]])
        yield few, labels[rows], lambda use=use, rows=rows: images_of(use)[rows]


def fetch(name, folder):
    """Bring a file of the site, which lies there by those of Pyodide, into the package's folder."""
    # in a worker, as the page's kernel is one, a request may be waited for
    from js import XMLHttpRequest
    from pyodide_js import _api

    print(_("{name} is fetched from the site, once.").format(name=name))
    request = XMLHttpRequest.new()
    request.open("GET", _api.config.indexURL + name, False)
    request.responseType = "arraybuffer"
    request.send(None)
    if request.status != 200:
        message = _("{name} could not be fetched from the site (status {status}): try again.")
        raise OSError(message.format(name=name, status=request.status))
    (folder / name).write_bytes(request.response.to_bytes())
