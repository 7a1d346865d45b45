"""Tests of `bpteach.mnist`: the shipped files, the columns, and every way in which a file can be wrong."""

import gzip
import hashlib
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import bpteach.mnist
from bpteach import Examples, load_mnist
from strategies import refused

# MD5 of the uncompressed files as their authors published them
MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = MD5


def peak_of(function):
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.mark.parametrize("name", MD5)
def test_the_shipped_files_are_the_canonical_ones(name):
    content = gzip.decompress((Path(bpteach.mnist.__file__).parent / "data" / f"{name}.gz").read_bytes())
    assert hashlib.md5(content).hexdigest() == MD5[name]
    assert hashlib.sha256(content).hexdigest() == bpteach.mnist_files.CANONICAL[name]


def test_the_licence_lies_beside_the_files():
    text = (bpteach.mnist.DATA / "README.md").read_text(encoding="utf-8")
    for word in ("LeCun", "Cortes", "Burges", "Attribution-Share Alike 3.0"):
        assert word in text


def test_the_split_is_that_of_the_book_and_validation_continues_where_training_ends(mnist):
    content = gzip.decompress((bpteach.mnist.DATA / f"{IMAGES}.gz").read_bytes())[16:]
    assert mnist.training.images[-1].tobytes() == content[49_999 * 784 : 50_000 * 784]
    assert mnist.validation.images.tobytes() == content[50_000 * 784 :]
    assert mnist._fields == ("training", "validation", "test")
    assert [len(part) for part in mnist] == [50_000, 10_000, 10_000]
    training, validation, test = mnist
    assert training is mnist.training
    # the first digits of the training files, and of the test files
    assert training.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(np.concatenate([training.labels, validation.labels])).tolist() == [
        *(5923, 6742, 5958, 6131, 5842),
        *(5421, 5918, 6265, 5851, 5949),
    ]


def test_pixels_stay_bytes_that_cannot_be_changed_by_mistake_and_no_part_is_a_copy(mnist):
    with pytest.raises(ValueError, match="read-only"):
        mnist.training.images[0, 0] = 1
    for part in mnist:
        assert part.images.dtype == part.labels.dtype == np.uint8
        assert part.images.shape == (len(part), 784)
        assert part.labels.shape == (len(part),)
        assert part.images.flags.c_contiguous
    assert sum(part.images.nbytes for part in mnist) == 70_000 * 784
    training, validation = mnist.training.images, mnist.validation.images
    assert training.__array_interface__["data"][0] + training.nbytes == validation.__array_interface__["data"][0]
    assert mnist.training[:1000].images.base is not None
    assert np.shares_memory(mnist.training[:1000].images, training)


def few(n=7):
    rng = np.random.default_rng(0)
    return Examples(rng.integers(0, 256, (n, 6), dtype=np.uint8), np.arange(n, dtype=np.uint8) % 10)


CHOICES = [
    *((3, [3]), (-1, [6]), (np.int64(2), [2]), (np.array(2), [2])),
    *(([4, 0, 4], [4, 0, 4]), ((1, 2), [1, 2]), (range(3), [0, 1, 2]), ([], []), (np.array([], int), [])),
    *((np.array([5, -7], np.int8), [5, 0]), (np.array([6, 1], np.uint64), [6, 1])),
    *((slice(2, 5), [2, 3, 4]), (slice(None, None, -3), [6, 3, 0]), (slice(5, 100), [5, 6]), (slice(3, 3), [])),
]


@pytest.mark.parametrize("dtype", [np.float64, "float32"])
@pytest.mark.parametrize(("indices", "chosen"), CHOICES, ids=str)
def test_columns_are_the_chosen_examples_in_order(indices, chosen, dtype):
    data, number = few(), np.dtype(dtype).type
    X, Y = data.columns(indices, dtype)
    assert X.dtype == Y.dtype == np.dtype(dtype)
    assert X.shape == (6, len(chosen))
    assert Y.shape == (10, len(chosen))
    for i, index in enumerate(chosen):
        assert X[:, i].tolist() == [number(pixel) / number(255) for pixel in data.images[index]]
        assert Y[:, i].tolist() == [float(digit == data.labels[index]) for digit in range(10)]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("indices", [slice(None), slice(None, None, -2), [3, 1, 2], 4], ids=str)
def test_each_column_is_contiguous_and_new(indices, order):
    data = few()
    data = Examples(np.array(data.images, order=order), data.labels)
    for array in data.columns(indices):
        assert array.T.flags.c_contiguous
        array += 1  # the next ones are as ever
    assert [array.max() for array in data.columns(indices)] <= [1, 1]


def test_no_float_copy_of_the_set_is_made_and_no_second_copy_while_it_is_loaded(mnist):
    def gather():
        for start in range(0, 50_000, 1000):
            mnist.training.columns(np.arange(start, start + 1000))

    assert peak_of(gather) < 20e6  # all 50,000 as float64 would be 314 MB
    assert peak_of(load_mnist) < 1.4 * 70_000 * 785


def test_unpacked_the_package_s_files_are_in_memory_once_for_all_processes(mnist, tmp_path, monkeypatch):
    for path in bpteach.mnist.DATA.glob("*.gz"):
        (tmp_path / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    monkeypatch.setattr(bpteach.mnist, "DATA", tmp_path)
    assert peak_of(load_mnist) < 1e6  # a mapped file is none of this process's own memory
    assert (load_mnist().validation.images == mnist.validation.images).all()


@pytest.mark.parametrize("indices", [7, -8, [0, 7], np.array([-8]), np.array([2**40])], ids=str)
def test_indices_out_of_range_are_refused(indices):
    words = "indices hold one that is out of range: expected integers from -7 to 6"
    refused(ValueError, lambda: few().columns(indices), words)
    refused(ValueError, lambda: few()[np.atleast_1d(indices)], words)


@pytest.mark.parametrize(
    ("indices", "chosen"), [(slice(2, 4), [2, 3]), ([5, 0], [5, 0]), (np.arange(7) > 4, [5, 6])], ids=str
)
def test_some_of_the_examples_are_examples(indices, chosen):
    data, part = few(), few()[indices]
    assert repr(part) == f"Examples({len(chosen)} images of 6 pixels)"
    assert (part.labels.tolist(), part.images.tolist()) == (data.labels[chosen].tolist(), data.images[chosen].tolist())


ODD = [1.5, [0.5, 1.0], True, "1", ["1"], None, [[0, 1]]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        *(
            (lambda wrong=wrong: few().columns(wrong), "expected an integer, a slice, or a list or array")
            for wrong in (*ODD, 1.0, [True] * 7, np.ones(7, bool), np.zeros((2, 2), int), {0: 1})
        ),
        *((lambda wrong=wrong: few()[wrong], "") for wrong in (*ODD, (0, 1), np.ones(3, bool))),
        *((lambda one=one: few()[one], f"; for one example use columns({one}).") for one in (0, -1, np.int64(3))),
    ],
)
def test_choices_of_another_kind_are_refused(call, words):
    refused(TypeError, call, "indices is ", words)


GOOD_IMAGES, GOOD_LABELS = np.zeros((3, 6), np.uint8), np.zeros(3, np.uint8)
BAD_EXAMPLES = {
    "images as floats": (GOOD_IMAGES / 255, GOOD_LABELS, TypeError, "images is an array of shape (3, 6) of float64"),
    "images as a list": ([[0, 1]], GOOD_LABELS, TypeError, "images is [[0, 1]] (list): expected an array of bytes"),
    "images as squares": (GOOD_IMAGES.reshape(3, 2, 3), GOOD_LABELS, ValueError, "images is an array of shape (3, 2"),
    "labels as integers": (GOOD_IMAGES, GOOD_LABELS.astype(int), TypeError, "labels is an array of shape (3,) of int"),
    "labels as columns": (GOOD_IMAGES, np.zeros((3, 10), np.uint8), ValueError, "labels is an array of shape (3, 10)"),
    "unequal": (GOOD_IMAGES, GOOD_LABELS[:2], ValueError, "labels holds 2: expected 3, one for each image"),
    "swapped": (GOOD_LABELS, GOOD_IMAGES, ValueError, "images is an array of shape (3,)"),
    "label 10": (GOOD_IMAGES, np.array([1, 10, 2], np.uint8), ValueError, "labels hold 10: expected 0 to 9, one below"),
}


@pytest.mark.parametrize(("images", "labels", "error", "words"), BAD_EXAMPLES.values(), ids=BAD_EXAMPLES)
def test_examples_refuse(images, labels, error, words):
    refused(error, lambda: Examples(images, labels), words)


def header(*sizes):
    return bytes([0, 0, 8, len(sizes)]) + b"".join(size.to_bytes(4, "big") for size in sizes)


def idx(array):
    return header(*array.shape) + array.tobytes()


def blank(*shape):
    return idx(np.zeros(shape, np.uint8))


def contents(training=60, test=12, height=5, width=4):
    rng = np.random.default_rng(0)
    return {
        f"{prefix}-{kind}": idx(rng.integers(0, 10, shape, dtype=np.uint8))
        for prefix, n in (("train", training), ("t10k", test))
        for kind, shape in (("images-idx3-ubyte", (n, height, width)), ("labels-idx1-ubyte", (n,)))
    }


@pytest.fixture
def folder(tmp_path):
    for name, content in contents().items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    return tmp_path


@pytest.mark.parametrize(("n", "split"), [(5, [5, 0]), (11, [10, 1]), (12, [10, 2]), (60_001, [50_001, 10_000])])
def test_a_sixth_is_kept_for_validation(tmp_path, n, split):
    for name, content in contents(n, 1, 1, 1).items():
        (tmp_path / name).write_bytes(content)
    assert [len(part) for part in load_mnist(tmp_path)] == [*split, 1]


def test_one_folder_may_mix_plain_files_and_packed_ones_of_another_program(folder):
    replace(IMAGES, RAW[IMAGES], packed=False)(folder)
    with open(folder / f"{LABELS}.gz", "wb") as raw, gzip.GzipFile("another", "wb", fileobj=raw, mtime=1) as file:
        file.write(RAW[LABELS])
    assert len(load_mnist(folder).training) == 50


def test_a_read_only_folder_loads_from_anywhere_and_nothing_is_written(folder, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    before = sorted(path.name for path in folder.iterdir())
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    try:
        load_mnist(folder)
        assert len(load_mnist().test) == 10_000
        assert (sorted(path.name for path in folder.iterdir()), list(elsewhere.iterdir())) == (before, [])
    finally:
        folder.chmod(0o755)


# What can be wrong with a folder. Each entry breaks a good folder, and names what must be said.


def replace(name, content, packed=True):
    def damage(folder):
        (folder / f"{name}.gz").unlink()
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)

    return damage


def packed(name, change):
    def damage(folder):
        path = folder / f"{name}.gz"
        path.write_bytes(change(path.read_bytes()))

    return damage


def flip(name, position):
    def change(content):
        content = bytearray(content)
        content[position] ^= 0x10
        return content

    return packed(name, change)


def remove(name):
    return lambda folder: (folder / f"{name}.gz").unlink()


def make_folder(name):
    def damage(folder):
        (folder / f"{name}.gz").unlink()
        (folder / f"{name}.gz").mkdir()

    return damage


RAW = contents()
BROKEN_IMAGES, BROKEN_LABELS = ([f"{name}.gz is damaged", "does not unpack"] for name in (IMAGES, LABELS))
NO_IMAGES, NO_LABELS = (f"{IMAGES}.gz is no IDX file of images", f"{LABELS}.gz is no IDX file of labels")
TRUNCATED = "is damaged: its header promises"
DAMAGED = {
    "byte flipped inside": (flip(IMAGES, 300), *BROKEN_IMAGES),
    "byte flipped in the checksum": (flip(IMAGES, -6), *BROKEN_IMAGES),
    "byte flipped in the length": (flip(LABELS, -1), *BROKEN_LABELS),
    "first byte flipped": (flip(LABELS, 0), *BROKEN_LABELS),
    "packed file cut": (packed(IMAGES, lambda content: content[:400]), *BROKEN_IMAGES),
    "packed file cut in its last byte": (packed(IMAGES, lambda content: content[:-1]), *BROKEN_IMAGES),
    "packed file empty": (packed(LABELS, lambda content: b""), NO_LABELS, "nothing at all"),
    "bytes after the packed file": (packed(LABELS, lambda content: content + b"more"), f"{LABELS}.gz is damaged"),
    "plain file named .gz": (packed(LABELS, lambda content: RAW[LABELS]), *BROKEN_LABELS),
    "plain file cut": (replace(IMAGES, RAW[IMAGES][:-1], packed=False), f"{TRUNCATED} 60 × 5 × 4 bytes, and 1199"),
    "plain file empty": (replace(IMAGES, b"", packed=False), "is no IDX file of images", "nothing at all"),
    "cut inside the sizes": (replace(IMAGES, RAW[IMAGES][:10]), TRUNCATED),
    "cut after the sizes": (replace(IMAGES, RAW[IMAGES][:16]), f"{TRUNCATED} 60 × 5 × 4 bytes, and 0 follow"),
    "cut after the first four bytes": (replace(LABELS, RAW[LABELS][:4]), TRUNCATED),
    "a byte too many": (replace(LABELS, RAW[LABELS] + b"\0"), f"{TRUNCATED} 60 bytes, and 61 follow"),
    "labels for images": (replace(IMAGES, RAW[LABELS]), NO_IMAGES, "08 01"),
    "images for labels": (replace(LABELS, RAW[IMAGES]), NO_LABELS, "08 03"),
    "a picture": (replace(IMAGES, b"\x89PNG\r\n"), NO_IMAGES, "89 50 4e 47"),
    "floats": (replace(LABELS, b"\0\0\x0d\x01" + RAW[LABELS][4:]), NO_LABELS, "0d 01"),
    "a web page": (replace(IMAGES, b"<html>", packed=False), "is no IDX file of images"),
    "unequal counts": (replace(LABELS, blank(59)), "60 images and 59 labels in its train files", "as many of each"),
    "unequal counts of test files": (replace(TEST_LABELS, blank(13)), "12 images and 13 labels in its t10k files"),
    "unequal pixels": (replace(TEST_IMAGES, blank(12, 3, 3)), "holds images of 9 and of 20 pixels: expected one size"),
    "no image": (replace(IMAGES, header(0, 5, 4)), f"{TRUNCATED} 0 × 5 × 4 bytes, and 0 follow"),
    "images of no width": (replace(IMAGES, header(60, 5, 0)), f"{TRUNCATED} 60 × 5 × 0"),
    "no label": (replace(TEST_LABELS, header(0)), f"{TRUNCATED} 0 bytes, and 0 follow"),
    "a size beyond all memory": (replace(IMAGES, header(*[2**32 - 1] * 3) + bytes(100)), "bytes, and 100 follow"),
    "sizes whose product is 0 in 64 bits": (replace(IMAGES, header(2**31, 2**31, 4)), "× 4 bytes, and 0 follow"),
    "sizes in the wrong byte order": (replace(LABELS, header(60 * 2**24) + RAW[LABELS][8:]), "bytes, and 60 follow"),
    "images missing": (remove(IMAGES), f"{IMAGES} is missing from", f"{IMAGES}.gz"),
    "labels missing": (remove(TEST_LABELS), f"{TEST_LABELS} is missing from"),
    "folder in place of a file": (make_folder(LABELS), f"{LABELS}.gz cannot be read", "permissions"),
}
ERRORS = dict.fromkeys(("images missing", "labels missing"), FileNotFoundError) | {"folder in place of a file": OSError}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_folder_gives_one_clear_sentence(name, folder):
    damage, *words = DAMAGED[name]
    damage(folder)
    refused(ERRORS.get(name, ValueError), lambda: load_mnist(folder), *words)


def test_a_promised_size_is_not_allocated(folder):
    replace(IMAGES, header(2**31, 100, 100) + bytes(100))(folder)
    assert peak_of(lambda: refused(ValueError, lambda: load_mnist(folder), TRUNCATED)) < 1e6


def test_a_missing_folder_and_a_file_in_its_place_are_named(tmp_path):
    for path in (tmp_path / "nowhere", Path(__file__)):
        words = f"{path.name}, which is no folder: expected one that holds train-images"
        refused(FileNotFoundError, lambda path=path: load_mnist(path), words)


@pytest.mark.parametrize("wrong", [5, ["data"], np.zeros(3)])
def test_what_is_no_path_is_refused(wrong):
    refused(TypeError, lambda: load_mnist(wrong), "folder is ", ": expected the path of a folder")


# The package's own folder is compared with checksums.


def relabelled(content):
    content = bytearray(gzip.decompress(content))
    content[8] = (content[8] + 1) % 10
    return gzip.compress(content, compresslevel=1)


def swap(folder):
    shutil.copy(folder / f"{TEST_IMAGES}.gz", folder / f"{IMAGES}.gz")


@pytest.mark.parametrize(
    ("damage", "error", "words"),
    [
        (packed(TEST_LABELS, relabelled), ValueError, f"{TEST_LABELS}.gz is not the file that ships with bpteach"),
        (swap, ValueError, "checksum is wrong"),
        (remove(IMAGES), FileNotFoundError, "install bpteach again"),
    ],
)
def test_a_changed_file_of_the_package_is_noticed(damage, error, words, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    shutil.copytree(bpteach.mnist.DATA, folder)
    monkeypatch.setattr(bpteach.mnist, "DATA", folder)
    damage(folder)
    with pytest.raises(error, match=words):
        load_mnist()
    if "labels" in words:  # as a folder of one's own it is in good order
        load_mnist(folder)


def test_in_a_page_images_are_fetched_when_they_are_needed(mnist, tmp_path, monkeypatch):
    shipped, fetched = bpteach.mnist.DATA, []

    def fetch(name, folder):
        fetched.append(name)
        shutil.copy(shipped / name, folder)

    for name in (LABELS, TEST_LABELS):
        fetch(f"{name}.gz", tmp_path)
    first = bytes.fromhex("00000803 000003e8 0000001c 0000001c") + mnist.training.images[:1000].tobytes()
    (tmp_path / f"first-{IMAGES}").write_bytes(first)
    fetched.clear()
    monkeypatch.setattr(bpteach.mnist, "DATA", tmp_path)
    monkeypatch.setattr(bpteach.mnist_in_page, "fetch", fetch)

    there = load_mnist()
    assert repr(there) == repr(mnist)
    for indices in (0, [999, 3], slice(0, 1000, 7), range(10)):
        assert np.array_equal(there.training.columns(indices)[0], mnist.training.columns(indices)[0])
    assert len(there.training[:1000]) == 1000
    with pytest.raises(ValueError, match="out of range"):
        there.training.columns(50_000)
    assert fetched == []
    assert np.array_equal(there.training.columns([0, 1000])[0], mnist.training.columns([0, 1000])[0])
    assert fetched == [f"{IMAGES}.gz"]
    for part, expected in zip([*there, *load_mnist()], [*mnist, *mnist], strict=True):
        assert np.array_equal(part.images, expected.images)
        assert np.array_equal(part.labels, expected.labels)
    assert fetched == [f"{IMAGES}.gz", f"{TEST_IMAGES}.gz"]
