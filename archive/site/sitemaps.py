"""What there is to be found, for search engines: every page in each of its languages, with when its record was last changed.

A page of a sitemap is a range of primary keys and is numbered by it, so that the last page of a million costs what the first does,
and a record that comes or goes changes no page but its own.
"""

from functools import partial

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap, x_robots_tag
from django.core.paginator import EmptyPage
from django.shortcuts import render
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
        keys = self.model.objects.filter(pk__range=keys_of(page)).order_by().values("pk")
        self.changed = last_changed(self.model, keys)
        return super().get_urls(page, site, protocol)

    def lastmod(self, item):
        return self.changed.get(item.pk)

    def get_latest_lastmod(self):
        return None  # to know it, all entries of the ledger would have to be read


class Ranges:
    """A paginator by ranges of WIDTH primary keys; one in which nothing is published is no page."""

    def __init__(self, model, languages):
        self.published, self.languages = model.objects.published().order_by("pk"), languages

    def numbers(self):
        """The number of each page, in order: a look at the first key of each, whatever lies between them."""
        keys, number = self.published.values_list("pk", flat=True), 0
        while (pk := keys.filter(pk__gte=number * WIDTH).first()) is not None:
            number = pk // WIDTH + 1
            yield number

    def page(self, number):
        records = list(self.published.filter(pk__range=keys_of(number)).only("slug"))
        if not records:
            raise EmptyPage
        self.object_list = [(record, language) for record in records for language in self.languages]
        return self


def keys_of(number):
    """The first and the last key of the page `number`, counted from 1; raises EmptyPage when there can be none."""
    number = int(number) if str(number).isdecimal() and len(str(number)) < 10 else 0
    if number < 1:
        raise EmptyPage
    return (number - 1) * WIDTH, number * WIDTH - 1


SECTIONS = {"pages": Pages, **{name: partial(Records, model) for name, (model, _filters) in LISTS.items()}}


@x_robots_tag
def sitemaps(request):
    """The index of all sitemaps, without those that would be empty."""
    addresses = [reverse("sitemap", args=["pages"])]
    for name in LISTS:
        addresses += [f"{reverse('sitemap', args=[name])}?p={number}" for number in SECTIONS[name]().paginator.numbers()]
    listed = [{"location": request.build_absolute_uri(address)} for address in addresses]
    return render(request, "site/sitemaps.xml", {"sitemaps": listed}, content_type="application/xml")


def section(request, section):
    return sitemap(request, SECTIONS, section, template_name="site/sitemap.xml")
