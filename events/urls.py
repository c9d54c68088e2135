from django.urls import path

from archive.core.lists import list_urls
from events import views

urlpatterns = [
    *list_urls("events", views.Events),
    path("events/<slug:slug>/", views.EventPage.as_view(), name="event"),
    *list_urls("statements", views.Statements),
    path("statements/<slug:slug>/", views.StatementPage.as_view(), name="statement"),
    *list_urls("topics", views.Topics),
    path("topics/<slug:slug>/", views.TopicPage.as_view(), name="topic"),
]
