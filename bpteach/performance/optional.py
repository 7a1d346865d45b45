"""Libraries that may be missing: loaded where they are wanted, and told of in one sentence where they are not there."""

import importlib
import sys

from bpteach.locale import _

#: What they are called in prose, by the name that `import` takes
NAMES = {"torch": "PyTorch", "jax": "JAX", "sklearn": "scikit-learn", "distributed": "Dask distributed"}
PACKAGES = {"sklearn": "scikit-learn"}  # what pip calls them, where that is another name
PARTS = {"sklearn": "sklearn.neural_network"}  # what is wanted of them, where that has to be imported by name

IN_PAGE = sys.platform == "emscripten"  # by Pyodide, which has neither processes nor threads


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
        return _loaded(name)
    except Exception as error:  # a library may fail in its own way: the lesson goes on without it
        sentence = _("{library} is installed but does not load, so what needs it does nothing ({error}).")
        is_missing = isinstance(error, ModuleNotFoundError) and error.name in (name, PARTS.get(name))
        if is_missing and IN_PAGE:
            sentence = _("{library} does not run in a page of the browser, so what needs it does nothing.")
        elif is_missing:
            sentence = _(
                "{library} is not installed, so what needs it does nothing (to have it, run %pip install {package} in "
                "a cell of its own, then the lesson again)."
            )
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        print(sentence.format(library=NAMES.get(name, name), package=PACKAGES.get(name, name), error=reason))
        return None


def needed(name):
    """Load a library, or refuse in one sentence."""
    try:
        return _loaded(name)
    except ModuleNotFoundError as error:
        message = _("{library} is not installed, and this needs it: python -m pip install {package}.")
        if IN_PAGE:
            message = _("{library} does not run in a page of the browser, and this needs it.")
        message = message.format(library=NAMES[name], package=PACKAGES.get(name, name))
        raise ModuleNotFoundError(message, name=name) from error


def _loaded(name):
    importlib.import_module(PARTS.get(name, name))
    return sys.modules[name]
