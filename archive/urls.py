"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

from archive.core.curation.step_page import step_view

urlpatterns = [
    path("", include("archive.site.urls")),
    path("", include("events.urls")),
    path("", include("people.urls")),
    path("", include("archive.sources.urls")),
    path("admin/step/<uuid:unit>/", admin.site.admin_view(step_view), name="step"),
    path("admin/", include("archive.accounts.urls")),
    path("admin/", admin.site.urls),
]
