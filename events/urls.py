from django.urls import path

from events import views

urlpatterns = [
    path("events/", views.Events.as_view(), name="events"),
    path("events/<slug:slug>/", views.EventPage.as_view(), name="event"),
    path("statements/", views.Statements.as_view(), name="statements"),
    path("statements/<slug:slug>/", views.StatementPage.as_view(), name="statement"),
    path("topics/", views.Topics.as_view(), name="topics"),
    path("topics/<slug:slug>/", views.TopicPage.as_view(), name="topic"),
]
