"""The network: its sizes, its weights and its biases, one array a layer after the input."""

import io
from itertools import pairwise

import numpy as np

from bpteach.arguments import require_arrays, require_dtype, require_path, require_rng, require_sizes
from bpteach.files import replace_file
from bpteach.locale import _


class Network:
    """A feedforward network of sigmoid neurons.

    Parameters
    ----------
    sizes : list of int
        Neurons in each layer, input first: n_1, n_2, ..., n_L.
    weights : list of arrays, shapes (n_l, n_{l-1})
        Row j, column k: the weight *to* neuron j *from* neuron k. Training changes them; read-only ones are copied.
    biases : list of arrays, shapes (n_l, 1)
        One column a layer after the input; kept, too.

    Raises
    ------
    TypeError, ValueError
        If `sizes` is no list of counts, an array does not hold floats or fit the sizes, or a number is not finite.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, chapter 2, "Warm up: a fast matrix-based approach".

    Examples
    --------
    >>> net = Network([2, 1], weights=[np.array([[1.0, -1.0]])], biases=[np.array([[0.5]])])
    >>> net
    Network([2, 1])
    """

    def __init__(self, sizes, weights, biases):
        self.sizes = require_sizes(sizes)
        self.weights = require_arrays("weights", weights, self.sizes, self.sizes[:-1])
        self.biases = require_arrays("biases", biases, self.sizes, [1] * (len(self.sizes) - 1))

    @classmethod
    def random(cls, sizes, rng, *, scaled=False, dtype=np.float64):
        """Draw every weight and bias from the standard normal distribution.

        Parameters
        ----------
        sizes : list of int
            Neurons in each layer, input first.
        rng : numpy.random.Generator
            The source of randomness: `numpy.random.default_rng(seed)`.
        scaled : bool
            Divide the weights by √n_in, n_in neurons feeding the layer, so that few neurons start saturated.
        dtype : data type
            `numpy.float32` or `numpy.float64`. The numbers drawn are the same in both, up to rounding.

        Returns
        -------
        Network
            The new network.

        Raises
        ------
        TypeError, ValueError
            If `sizes`, `rng` or `dtype` is of the wrong kind; if a size is below 1 or there are fewer than two.

        References
        ----------
        Nielsen, *Neural Networks and Deep Learning*, chapter 1 (variance 1), and chapter 3 (variance 1/n_in).

        Examples
        --------
        >>> net = Network.random([784, 30, 10], np.random.default_rng(0))
        >>> [w.shape for w in net.weights]
        [(30, 784), (10, 30)]
        """
        sizes = require_sizes(sizes)
        require_rng(rng)
        dtype = require_dtype(dtype)
        biases = [rng.standard_normal((n, 1)).astype(dtype) for n in sizes[1:]]
        weights = [rng.standard_normal((n, n_in)).astype(dtype) for n_in, n in pairwise(sizes)]
        if scaled:
            weights = [w / np.sqrt(w.shape[1], dtype=dtype) for w in weights]
        return cls(sizes, weights, biases)

    def copy(self):
        """Make a network with the same numbers in arrays of its own.

        Returns
        -------
        Network
            The copy: to train it leaves this one as it is.
        """
        return Network(self.sizes, [w.copy() for w in self.weights], [b.copy() for b in self.biases])

    def save(self, file):
        """Write the network to a file, which is replaced only once all is written: a save that fails loses nothing.

        Parameters
        ----------
        file : path
            The file's name, "my-network.npz" for instance.

        Raises
        ------
        TypeError, ValueError, OSError
            If `file` is no path; if an array no longer fits, or a number is not finite; if the file cannot be written.
        """
        path = require_path("file", file, _("a file"))
        whole = Network(self.sizes, self.weights, self.biases)  # refuses what could not be loaded
        arrays = {f"weights_{l}": w for l, w in enumerate(whole.weights, start=2)}
        arrays |= {f"biases_{l}": b for l, b in enumerate(whole.biases, start=2)}
        content = io.BytesIO()
        np.savez(content, sizes=whole.sizes, **arrays)
        try:
            replace_file(path, content.getvalue())
        except (OSError, ValueError) as error:  # a path without a name
            message = _("{file} cannot be written ({reason}): expected a file name in a folder that is there.")
            raise type(error)(message.format(file=path, reason=getattr(error, "strerror", error))) from None

    @classmethod
    def load(cls, file):
        """Read a network that `save` has written: the same numbers, to the last bit.

        Parameters
        ----------
        file : path
            The file's name.

        Returns
        -------
        Network
            The network.

        Raises
        ------
        TypeError, ValueError, OSError
            If `file` is no path; if it holds no network, or is damaged; if it cannot be read.
        """
        path = require_path("file", file, _("a file"))
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
                sizes = arrays["sizes"].tolist()
                layers = range(2, len(sizes) + 1)
                return cls(sizes, *([arrays[f"{part}_{l}"] for l in layers] for part in ("weights", "biases")))
        except OSError as error:
            message = _("{file} cannot be read ({reason}): expected a file that net.save has written.")
            raise type(error)(message.format(file=path, reason=error.strerror)) from None
        except Exception:  # a damaged file may raise anything
            message = _("{file} holds no network, or is damaged: expected a file that net.save has written.")
            raise ValueError(message.format(file=path)) from None

    def __repr__(self):
        return f"Network({self.sizes})"
