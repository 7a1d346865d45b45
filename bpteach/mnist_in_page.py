"""The digits where Python runs in a page (Pyodide): the first ones come with the package, the others when needed."""

from bpteach.locale import _

#: how the name of the file begins that has the first training images, and how many these are
FIRST, FEW = "first", 1000


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
