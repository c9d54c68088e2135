from django.urls import path

from archive.core.lists import list_urls
from archive.sources import views

urlpatterns = [
    *list_urls("documents", views.Documents),
    path("documents/<slug:slug>/", views.DocumentPage.as_view(), name="document"),
    path("documents/<slug:slug>/file/", views.document_file, name="document-file"),
]
