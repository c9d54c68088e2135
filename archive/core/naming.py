"""What readers call the records of a kind, in their language.

A model's verbose_name is the curators' word, and part of sentences and file names that are not translated.
"""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class PublicName:
    """`list` names the list of all in the URLconf; `one` and `many` are titles, `counted` says how many there are.

    PublicName("events", _("Event"), _("Events"), ngettext_lazy("%(number)s event", "%(number)s events", "count"))
    """

    list: str
    one: Promise
    many: Promise
    counted: Promise
