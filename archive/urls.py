"""The site's addresses."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from archive.core.curation.step_page import step_view
from archive.site import urls as site
from archive.site.parts import parts
from archive.sources import urls as sources
from events import urls as events
from people import urls as people

urlpatterns = [
    path("", include(site.files)),
    path("", include(events.files)),
    path("", include(people.files)),
    path("", include(sources.files)),
    path("admin/step/<uuid:unit>/", admin.site.admin_view(step_view), name="step"),
    path("admin/parts/", admin.site.admin_view(parts), name="parts"),
    path("admin/", include("archive.accounts.urls")),
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", include(site)),
        path("", include(events)),
        path("", include(people)),
        path("", include(sources)),
        prefix_default_language=False,
    ),
]
