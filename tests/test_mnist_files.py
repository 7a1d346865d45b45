"""Tests of `bpteach.mnist_files`: digits under the names that copies have, and pickles, friendly and hostile."""

import codecs
import copyreg
import gzip
import io
import operator
import os
import pickle
import subprocess
import tracemalloc
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bpteach import Examples, load_mnist
from strategies import refused
from test_mnist import RAW, contents, idx

NAMES = [*RAW]


def dotted(name):
    return name.replace("-idx", ".idx")


def letters(name):
    return f"emnist-letters-{name}".replace("t10k", "test")


@pytest.mark.parametrize("packed", [True, False, "but not named so"])
@pytest.mark.parametrize(
    "rename",
    [str, dotted, letters, lambda name: dotted(letters(name)), lambda name: f"qmnist-{name}", str.upper],
    ids=["hyphens", "dots", "EMNIST", "EMNIST with dots", "QMNIST", "capitals"],
)
def test_files_load_under_the_names_that_copies_have(rename, packed, tmp_path):
    for name in NAMES:
        content = gzip.compress(RAW[name]) if packed else RAW[name]
        (tmp_path / f"{rename(name)}{'.gz' * (packed is True)}").write_bytes(content)
    data = load_mnist(tmp_path)
    assert data.training.images.tobytes() + data.validation.images.tobytes() == RAW[NAMES[0]][16:]
    assert data.test.labels.tobytes() == RAW[NAMES[3]][8:]


def test_folders_of_the_files_names_beside_them_are_passed_over(tmp_path):
    for name in NAMES:  # as a well-known archive unpacks
        (tmp_path / name).mkdir()
        (tmp_path / dotted(name)).write_bytes(RAW[name])
    assert len(load_mnist(tmp_path).test) == 12


def test_one_of_several_sets_is_chosen_by_the_beginning_of_its_names(tmp_path):
    for number, kind in enumerate(("digits", "letters")):
        for name, content in contents(training=60 + number).items():
            (tmp_path / f"emnist-{kind}-{name}".replace("t10k", "test")).write_bytes(content)
    said = refused(ValueError, lambda: load_mnist(tmp_path), "holds emnist-digits, emnist-letters: expected one set")
    assert f"load_mnist('{tmp_path / 'emnist-digits'}')" in said
    assert [len(load_mnist(tmp_path / f"emnist-{kind}").training) for kind in ("digits", "letters")] == [50, 51]
    refused(FileNotFoundError, lambda: load_mnist(tmp_path / "emnist-words"), "emnist-words, which is no folder")


@pytest.mark.parametrize(("highest", "classes"), [(3, 10), (9, 10), (10, 11), (26, 27), (61, 62), (255, 256)])
def test_the_desired_outputs_are_as_wide_as_the_labels_ask_for(highest, classes, tmp_path):
    for name, content in RAW.items():
        (tmp_path / name).write_bytes(content)
    labels = np.full(60, highest, np.uint8)
    (tmp_path / NAMES[1]).write_bytes(idx(labels))
    (tmp_path / NAMES[3]).write_bytes(idx(np.ones(12, np.uint8)))
    for part in load_mnist(tmp_path):
        _X, Y = part[:5].columns([0, 4])
        assert Y.shape == (classes, 2)
        assert Y.argmax(axis=0).tolist() == part.labels[[0, 4]].tolist()


NEAR = {
    "packed as zip": (f"{NAMES[0]}.zip", f"{NAMES[0]}.zip is there"),
    "misspelt": ("train-image-idx3-ubyte", "train-image-idx3-ubyte is there"),
    "not all there": (f"{NAMES[0]}.gz.part", f"{NAMES[0]}.gz.part is there"),
    "another ending": ("train-images-idx3-ubyte.bin", "train-images-idx3-ubyte.bin is there"),
    "deeper down": (f"MNIST/raw/{NAMES[0]}.gz", "there is one in "),
    "something else": ("holiday.jpg", "expected that file or train-images-idx3-ubyte.gz."),
}


@pytest.mark.parametrize("near", NEAR)
@pytest.mark.parametrize("others", [True, False])
def test_a_near_miss_is_named(near, others, tmp_path):
    name, said = NEAR[near]
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(b"")
    for other in NAMES[1:] if others else ():
        (tmp_path / other).write_bytes(RAW[other])
    refused(FileNotFoundError, lambda: load_mnist(tmp_path), f"{NAMES[0]} is missing from", said)


class Pickler2(pickle._Pickler):
    """Writes what Python 2 and its NumPy wrote: strings of bytes, old names."""

    def save_string(self, text):
        data = text if isinstance(text, bytes) else text.encode("latin1")
        if self.proto:
            self.write(b"T" + len(data).to_bytes(4, "little") + data)
        else:
            self.write(b"S" + ascii(data)[1:].encode() + b"\n")
        self.memoize(text)

    def save_global(self, function, name=None):
        module = function.__module__.replace("_core", "core")
        self.write(b"c" + f"{module}\n{name or function.__qualname__}\n".encode())
        self.memoize(function)

    dispatch = pickle._Pickler.dispatch | {str: save_string, bytes: save_string, type: save_global}


def python_2(value, protocol):
    file = io.BytesIO()
    Pickler2(file, protocol).dump(value)
    return file.getvalue()


def book(steps=256, dtype=np.float32, labels=np.int64, wrap=tuple, order="C"):
    rng = np.random.default_rng(0)
    pairs = [(rng.integers(0, 256, (n, 6), np.uint8), rng.integers(0, 10, n).astype(labels)) for n in (50, 10, 12)]
    return wrap(wrap(((images / steps).astype(dtype, order) if steps else images, digits)) for images, digits in pairs)


WRITERS = {
    f"Python {version}, protocol {protocol}": partial(write, protocol=protocol)
    for version, write, protocols in ((2, python_2, 3), (3, pickle.dumps, 6))
    for protocol in range(protocols)
}
BOOKS = {
    "as the book": {},
    "lists": {"wrap": list},
    "columns in memory": {"order": "F"},
    "255ths": {"steps": 255},
    "float64": {"dtype": np.float64},
    "big-endian": {"dtype": ">f4", "labels": ">i2"},
    "bytes": {"steps": None, "labels": np.uint8},
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("kind", BOOKS)
def test_the_books_pickle_loads_from_a_folder_or_as_a_file(kind, writer, tmp_path):
    content = WRITERS[writer](book(**BOOKS[kind]))
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(content))
    (tmp_path / "other.pickle").write_bytes(content)
    for path in (tmp_path, tmp_path / "mnist.pkl.gz", str(tmp_path / "other.pickle")):
        for part, (images, labels) in zip(load_mnist(path), book(steps=None), strict=True):
            assert isinstance(part, Examples)
            assert part.images.tobytes() == images.tobytes()
            assert part.labels.tolist() == labels.tolist()


IMAGES, LABELS = book()[0]
PAIR = (IMAGES, LABELS)
WRONG = {
    "two pairs": (PAIR, PAIR),
    "no arrays": ((1, 2), (1, 2), (1, 2)),
    "lists of numbers": (([[0.5]], [1]),) * 3,
    "nothing": None,
    "text": "mnist",
    "swapped": ((LABELS, IMAGES),) * 3,
    "one-hot labels": ((IMAGES, np.eye(50)),) * 3,
    "labels below zero": ((IMAGES, LABELS - 5),) * 3,
    "labels above 255": ((IMAGES, LABELS + 255),) * 3,
    "pixels of all sizes": ((IMAGES * 0.3712, LABELS),) * 3,
    "pixels negative": ((-IMAGES, LABELS),) * 3,
    "NaN": ((IMAGES * np.nan, LABELS),) * 3,
    "infinity": ((np.full((50, 6), np.inf), LABELS),) * 3,
    "objects": ((IMAGES.astype(object), LABELS),) * 3,
    "text in an array": ((IMAGES.astype(str), LABELS),) * 3,
    "records": ((np.zeros(3, [("a", "f4")]), LABELS),) * 3,
    "no image": ((IMAGES[:0], LABELS[:0]),) * 3,
    "unequal": ((IMAGES, LABELS[1:]),) * 3,
    "squares": ((IMAGES.reshape(50, 2, 3), LABELS),) * 3,
}


@pytest.mark.parametrize("protocol", [2, 5])
@pytest.mark.parametrize("wrong", WRONG)
def test_other_pickles_are_refused(wrong, protocol, tmp_path):
    (tmp_path / "mnist.pkl").write_bytes(pickle.dumps(WRONG[wrong], protocol))
    with np.errstate(all="raise"):
        refused(ValueError, lambda: load_mnist(tmp_path), "expected")


class Calls:
    def __init__(self, function, *arguments, **more):
        self.reduced = (function, arguments, *more.values())

    def __reduce__(self):
        return self.reduced


class State:
    def __init__(self, state):
        self.state = state


array_of = np.zeros(1).__reduce__()[0]
HOSTILE = {
    "a command": Calls(os.system, "touch HERE"),
    "a process": Calls(subprocess.Popen, ["touch", "HERE"]),
    "eval": Calls(eval, "open('HERE', 'w')"),
    "exec": Calls(exec, "open('HERE', 'w')"),
    "open": Calls(open, "HERE", "w"),
    "getattr": Calls(getattr, Calls(__import__, "os"), "system"),
    "getattr twice": Calls(operator.call, Calls(getattr, Calls(__import__, "os"), "system"), "touch HERE"),
    "a path": Calls(Path.touch, Path("HERE")),
    "NumPy writes": Calls(np.savetxt, "HERE", [1.0]),
    "NumPy loads": Calls(np.load, "HERE", None, True),
    "NumPy evaluates": Calls(np.frompyfunc, Calls(getattr, Calls(__import__, "os"), "system"), 1, 1),
    "NumPy's memory map": Calls(np.memmap, "HERE", "u1", "w+", 0, (4,)),
    "a method of an array": Calls(np.ndarray.tofile, IMAGES, "HERE"),
    "an array beyond all memory": Calls(array_of, np.ndarray, (10**14,), b"b"),
    "an empty array beyond all memory": Calls(np.ndarray, (10**14,)),
    "zeros beyond all memory": Calls(np.zeros, 10**14),
    "a type of fields": Calls(np.dtype, "i4, (1000000000)f8"),
    "another codec": Calls(codecs.encode, "touch HERE", "rot13"),
    "copyreg": Calls(copyreg._reconstructor, State, object, None),
    "an object": State({"a": 1}),
    "a function as state": Calls(array_of, np.ndarray, (0,), b"b", state=(Calls(os.system, "touch HERE"),)),
}
BYTES = {
    "system in protocol 0": b"cposix\nsystem\n(S'touch HERE'\ntR.",
    "system of os": b"cos\nsystem\n(S'touch HERE'\ntR.",
    "an instance": b"(S'touch HERE'\nios\nsystem\n.",
    "an old object": b"(cos\nsystem\nS'touch HERE'\no.",
    "a dotted name": b"\x80\x04\x8c\x05numpy\x8c\x0edtype.__init__\x93)R.",
    "a dotted path out of NumPy": b"\x80\x04\x8c\x05numpy\x8c\x11os.system\x93\x8c\x0atouch HERE\x85R.",
    "a name that is no text": b"\x80\x04K\x01K\x02\x93)R.",
    "a registered extension": b"\x80\x02\x82\x01)R.",
    "a persistent object": b"Pid\n.",
    "attributes set on NumPy's own": b"\x80\x02cnumpy\ndtype\nN}U\x05shapeK\x01s\x86b.",
    "a place in memory far away": b"\x80\x02]r\xff\xff\xff\x7f.",
    "bytes beyond all memory": b"\x80\x05\x8e" + b"\xff" * 7 + b"\x3f.",
    "a byte array beyond all memory": b"\x80\x05\x96" + b"\xff" * 7 + b"\x3f.",
    "a text beyond all memory": b"\x80\x05\x8d" + b"\xff" * 7 + b"\x3f.",
    "a frame beyond all memory": b"\x80\x05\x95" + b"\xff" * 7 + b"\x3f.",
    "a large number": b"\x80\x02\x8b\xff\xff\xff\x7f.",
    "a number of many digits": b"I" + b"9" * 100_000 + b"\n.",
    "a list in itself": b"\x80\x02]q\x00h\x00a.",
    "lists of lists of lists": b"(" * 9000 + b"l" * 9000 + b".",
    "a buffer from outside": b"\x80\x05\x97.",
    "cut": pickle.dumps(book())[:500],
    "empty": b"",
    "a picture": b"\x89PNG\r\n",
    "a web page": b"<html>",
}


@pytest.mark.parametrize("name", [*HOSTILE, *BYTES])
def test_a_hostile_pickle_runs_nothing_and_gives_one_sentence(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    samples = [pickle.dumps(HOSTILE[name], protocol) for protocol in range(6)] if name in HOSTILE else [BYTES[name]]
    if name in HOSTILE:  # in the place of one of the arrays, too
        samples += [pickle.dumps([(HOSTILE[name], LABELS), PAIR, PAIR], protocol) for protocol in (2, 5)]
    for content in samples:
        Path("mnist.pkl.gz").write_bytes(gzip.compress(content))
        tracemalloc.start()
        refused(ValueError, lambda: load_mnist("."), "mnist.pkl.gz is no pickle of digits like the book's")
        assert tracemalloc.get_traced_memory()[1] < 2e7
        tracemalloc.stop()
        assert os.listdir() == ["mnist.pkl.gz"]


def test_a_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("bpteach.mnist_files.MOST", 1 << 20)
    (tmp_path / "mnist.pkl.gz").write_bytes(gzip.compress(b"\0" * (1 << 24)))
    refused(ValueError, lambda: load_mnist(tmp_path), "mnist.pkl.gz unpacks to more than 1,048,576 bytes")


def test_the_set_of_four_is_read_where_a_pickle_lies_beside_it(tmp_path):
    for name, content in RAW.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "mnist.pkl.gz").write_bytes(b"")
    assert load_mnist(tmp_path).training.images.shape == (50, 20)
