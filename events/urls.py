from django.urls import path

from archive.core.lists import file_url, list_urls
from events import views

urlpatterns = [
    *list_urls(views.Events),
    path("events/<slug:slug>/", views.EventPage.as_view(), name="event"),
    *list_urls(views.Statements),
    path("statements/<slug:slug>/", views.StatementPage.as_view(), name="statement"),
    *list_urls(views.Topics),
    path("topics/<slug:slug>/", views.TopicPage.as_view(), name="topic"),
]

# What is the same in every language.
files = [
    file_url(views.Events),
    file_url(views.Statements),
    file_url(views.Topics),
]
