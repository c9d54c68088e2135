"""How a record's page offers its citation."""

from django import template

from archive.core.citations import FORMATS
from archive.site.citing import cite

register = template.Library()
LABELS = {"bib": "BibTeX", "ris": "RIS", "json": "CSL-JSON"}


@register.inclusion_tag("core/_cite.html", takes_context=True)
def citation(context, record):
    """A line to copy that cites `record`, an event, statement or document, and the same as files."""
    address = record.get_absolute_url()
    line = cite(record, context["request"].build_absolute_uri(address)).line
    return {"line": line, "files": [(f"{address}cite.{form}", LABELS[form]) for form in FORMATS]}
