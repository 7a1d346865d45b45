"""What the search of the site finds: the sections of its pages."""

import re

FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
PARTS = ".jp-MarkdownOutput > *, .jp-InputArea-editor"


def sections(soup, address):
    """List the sections of a page: where each begins, its heading and the one above it, and its text and code."""
    found = []
    for part in soup.select(PARTS):
        if part.name in ("h1", "h2", "h3"):
            heading = part.get_text().rstrip("¶")
            title = found[0]["title"] if found else heading
            place = f"#{part['id']}" if found else ""
            found.append({"at": address + place, "title": title, "heading": heading, "text": ""})
        elif found:
            found[-1]["text"] += " ".join(FORMULA.sub("…", part.get_text()).split()) + " "
    return found
