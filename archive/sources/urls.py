from django.urls import path

from archive.core.lists import file_url, list_urls
from archive.sources import views

urlpatterns = [
    *list_urls(views.Documents),
    path("documents/<slug:slug>/", views.DocumentPage.as_view(), name="document"),
]

# What is the same in every language.
files = [
    file_url(views.Documents),
    path("documents/<slug:slug>/file/", views.document_file, name="document-file"),
]
