"""The lessons and pages in other languages, kept up with the English: `bpteach translate`."""

import argparse

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog

from bpteach.locale import FOLDER, _, languages
from bpteach.publishing import catalogues, edition
from bpteach.publishing.store import attempt


def words_of(paths):
    """Collect the messages of some files, each string of code with the line that it stands in."""
    found = Catalog()

    def said(context, message, where):
        if where is not None:
            found.add(message, context=context, auto_comments=[where] if where else [])
        return message

    for path in paths:
        edition.translated(path, said)
    return found


def a_language(name):
    try:
        Locale.parse(name)
    except (ValueError, UnknownLocaleError):
        message = _("{found} is no language: expected a code such as de or pt_BR.")
        raise argparse.ArgumentTypeError(message.format(found=name)) from None
    return name


def main(words):
    """Bring all catalogues up to date and write what is translated; give 1 if a lesson stopped with an error."""
    about = _(
        "Bring the catalogues of all languages up to date with the English sources, and write the lessons and pages "
        "that are translated, or those named. Lessons run only if something in them has changed."
    )
    parser = argparse.ArgumentParser(prog="bpteach translate", description=about)
    parser.add_argument("--font", help=_("a font, to cut anew out of it the letters that pictures need"))
    begin = _("begin this language, such as de; those that there are need not be named")
    parser.add_argument("--language", action="append", type=a_language, help=begin)
    names_help = _(
        "catalogues such as 03-read-backprop-line-by-line: write these alone, and what is lacking in English"
    )
    parser.add_argument("names", nargs="*", choices=[*edition.sources(), []], metavar="name", help=names_help)
    asked, status = parser.parse_args(words), 0
    for language in asked.language or [language for language in languages() if language != "en"]:
        folder = FOLDER / language
        count = catalogues.update(folder / "LC_MESSAGES" / "bpteach.po", catalogues.sentences(), language)
        print(f"{language}/bpteach:", _("{count} messages are not translated").format(count=count))
        if asked.font:
            catalogues.update_font(language, asked.font)
        found = {name: words_of(paths) for name, paths in edition.sources().items()}
        lacking = {name: catalogues.update(folder / f"{name}.po", some, language) for name, some in found.items()}
        for name, count in lacking.items():
            print(f"{language}/{name}", end=": ", flush=True)
            if name not in asked.names and (asked.names or count or not edition.is_written(name, language)):
                print(_("{count} messages are not translated").format(count=count))
                continue
            status |= attempt(edition.write, name, language)
    return status
