from django.urls import path

from archive.sources import views

urlpatterns = [
    path("documents/", views.Documents.as_view(), name="documents"),
    path("documents/<slug:slug>/", views.DocumentPage.as_view(), name="document"),
    path("documents/<slug:slug>/file/", views.document_file, name="document-file"),
]
