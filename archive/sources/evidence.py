"""How pages show what the archive supplied itself."""

from markupsafe import Markup, escape


def fact(value, record, field):
    """`value`, what is shown of `record`'s `field`, in square brackets where the archive supplied it, as library catalogues do."""
    shown = escape(value).strip()
    if not shown or field not in record.supplied:
        return shown
    return Markup('<span class="supplied" title="Supplied by the archive: {}">[{}]</span>').format(record.supplied[field], shown)


GLOBALS = {}
FILTERS = {"fact": fact}
