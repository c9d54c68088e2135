from django.urls import include, path, register_converter
from django.urls.converters import IntConverter

from archive.core.citations import CitationFile
from archive.site import annotations, machines, sitemaps, views
from archive.site.cards import Card
from archive.site.citing import CITED, cite
from archive.site.data import Data, package
from archive.site.feeds import EventCalendar, Feed
from archive.site.oai.views import oai
from archive.site.records import LISTS
from archive.site.search import Search
from events.filters import EventFilter
from events.models import Event


class Offset(IntConverter):
    """A number as the database can hold it, written in one way."""

    regex = "0|[1-9][0-9]{0,8}"


register_converter(Offset, "offset")

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("about/", views.About.as_view(), name="about"),
    path("search/", Search.as_view(), name="search"),
    path("data/", Data.as_view(), name="data"),
    path("opensearch.xml", machines.opensearch, name="opensearch"),
    *[
        path(f"{name}/<slug:slug>/card.png", Card.as_view(model=model), name=f"{model._meta.model_name}-card")
        for name, (model, _filters) in LISTS.items()
    ],
    path("pictures/", include("archive.site.pictures.urls")),
]

# What is the same in every language.
files = [
    path("data/annals.zip", package, name="data-package"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemaps, name="sitemaps"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap"),
    path("api/", include("archive.site.api.urls")),
    path("oai/", oai, name="oai"),
    path("documents/<slug:slug>/text.txt", annotations.DocumentText.as_view(), name="document-text"),
    path("documents/<slug:slug>/annotations/", annotations.Collection.as_view(), name="annotations"),
    path("documents/<slug:slug>/annotations/page-<offset:page>/", annotations.CollectionPage.as_view(), name="annotations-page"),
    path("documents/<slug:slug>/annotations/<offset:start>-<offset:end>/", annotations.Annotation.as_view(), name="annotation"),
    path("events/calendar.ics", EventCalendar.as_view(model=Event, filterset_class=EventFilter), name="events-calendar"),
    *[
        path(f"{name}/feed.atom", Feed.as_view(model=model, filterset_class=filterset_class), name=f"{name}-feed")
        for name, (model, filterset_class) in LISTS.items()
    ],
    *[
        path(
            f"{model.public_name.list}/<slug:slug>/cite.<slug:form>",
            CitationFile.as_view(model=model, cite=cite),
            name=f"{model._meta.model_name}-citation",
        )
        for model in CITED
    ],
    *[
        path(
            f"{name}/<slug:slug>/record.jsonld",
            machines.RecordData.as_view(model=model),
            name=f"{model._meta.model_name}-linked",
        )
        for name, (model, _filters) in LISTS.items()
    ],
]
