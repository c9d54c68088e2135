from django.urls import path

from archive.core.lists import file_url, list_urls
from people import views

urlpatterns = [
    *list_urls(views.People),
    path("people/<slug:slug>/", views.PersonPage.as_view(), name="person"),
    *list_urls(views.Organizations),
    path("organizations/<slug:slug>/", views.OrganizationPage.as_view(), name="organization"),
    *list_urls(views.Countries),
    path("countries/<slug:slug>/", views.CountryPage.as_view(), name="country"),
]

# What is the same in every language.
files = [
    file_url(views.People),
    file_url(views.Organizations),
    file_url(views.Countries),
]
