"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("archive.site.urls")),
    path("", include("events.urls")),
    path("", include("people.urls")),
    path("", include("archive.sources.urls")),
    path("admin/", admin.site.urls),
]
