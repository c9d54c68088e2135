"""What there is to be found, for search engines: every page in each of its languages, with when its record was last changed.

A page of a sitemap is a range of primary keys, so that the last page of a million costs what the first does, and a record that
comes or goes changes no page but its own.
"""

from functools import partial
from itertools import islice

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import index, sitemap
from django.core.paginator import EmptyPage
from django.urls import reverse

from archive.site.feeds import last_changed
from archive.site.records import LISTS

WIDTH = 10_000  # primary keys of a page: with each language an address, and at most 50,000 of those, there may be five
PAGES = ["home", "about", "search", "data", "pictures", *LISTS]


class Pages(Sitemap):
    """The pages that are no record's."""

    i18n = alternates = x_default = True

    def items(self):
        return PAGES

    def location(self, item):
        return reverse(item)


class Records(Sitemap):
    """The published records of `model`."""

    i18n = alternates = x_default = True

    def __init__(self, model):
        self.model = model

    @property
    def paginator(self):
        return Ranges(self.model, self._languages())

    def get_urls(self, page=1, site=None, protocol=None):
        first, last = self.paginator.range(page)
        self.changed = last_changed(self.model, self.model.objects.filter(pk__range=(first, last)).order_by().values("pk"))
        return super().get_urls(page, site, protocol)

    def lastmod(self, item):
        return self.changed.get(item.pk)

    def get_latest_lastmod(self):
        return None  # to know it, all entries of the ledger would have to be read


class Ranges:
    """A paginator by ranges of WIDTH primary keys, those alone in which something is published."""

    def __init__(self, model, languages):
        self.published, self.languages = model.objects.published().order_by("pk"), languages

    def starts(self):
        """The first key of each range."""
        start = -WIDTH
        while (pk := self.published.filter(pk__gte=start + WIDTH).values_list("pk", flat=True).first()) is not None:
            start = pk - pk % WIDTH
            yield start

    @property
    def num_pages(self):
        return sum(1 for _ in self.starts())

    def range(self, number):
        """The first and the last key of the page `number`, counted from 1; raises EmptyPage when there is none."""
        number = int(number) if str(number).isdecimal() and len(str(number)) < 10 else 0
        start = next(islice(self.starts(), number - 1, None), None) if number > 0 else None
        if start is None:
            raise EmptyPage
        return start, start + WIDTH - 1

    def page(self, number):
        self.object_list = [
            (record, language)
            for record in self.published.filter(pk__range=self.range(number)).only("slug")
            for language in self.languages
        ]
        return self


SECTIONS = {"pages": Pages, **{name: partial(Records, model) for name, (model, _filters) in LISTS.items()}}


def sitemaps(request):
    """The index of all sitemaps, without those that would be empty."""
    filled = {name: section for name, section in SECTIONS.items() if section().paginator.num_pages}
    return index(request, filled, template_name="site/sitemaps.xml", sitemap_url_name="sitemap")


def section(request, section):
    return sitemap(request, SECTIONS, section, template_name="site/sitemap.xml")
