"""Libraries that may be missing: loaded where they are wanted, and told of in one sentence where they are not there."""

import importlib
import sys

from bpteach.locale import _

#: What they are called in prose, by the name that `import` takes
NAMES = {"torch": "PyTorch", "jax": "JAX", "sklearn": "scikit-learn", "distributed": "Dask distributed"}
PACKAGES = {"sklearn": "scikit-learn"}  # what pip calls them, where that is another name
PARTS = {"sklearn": "sklearn.neural_network"}  # what is wanted of them, where that has to be imported by name


def available(name):
    """Load a library if it is there; if not, say so in one sentence.

    Parameters
    ----------
    name : str
        What `import` takes, such as "torch".

    Returns
    -------
    module or None
        The library; None if it cannot be had.
    """
    try:
        importlib.import_module(PARTS.get(name, name))
    except Exception as error:  # a library may fail in its own way: the lesson goes on without it
        print(_missing(name) if _is_missing(name, error) else _broken(name, error))
        return None
    return sys.modules[name]


def needed(name):
    """Load a library, or refuse in one sentence."""
    try:
        importlib.import_module(PARTS.get(name, name))
    except ModuleNotFoundError as error:
        message = _("{library} is not installed, and this needs it: python -m pip install {package}.")
        raise ModuleNotFoundError(message.format(**_called(name)), name=name) from error
    return sys.modules[name]


def _is_missing(name, error):
    return isinstance(error, ModuleNotFoundError) and error.name in (name, PARTS.get(name))


def _missing(name):
    sentence = _(
        "{library} is not installed, so what needs it does nothing (to have it, run %pip install {package} in a "
        "cell of its own, then the lesson again)."
    )
    return sentence.format(**_called(name))


def _broken(name, error):
    sentence = _("{library} is installed but does not load, so what needs it does nothing ({error}).")
    return sentence.format(**_called(name), error=f"{type(error).__name__}: {error}".splitlines()[0])


def _called(name):
    return {"library": NAMES.get(name, name), "package": PACKAGES.get(name, name)}
