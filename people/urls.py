from django.urls import path

from archive.core.lists import list_urls
from people import views

urlpatterns = [
    *list_urls("people", views.People),
    path("people/<slug:slug>/", views.PersonPage.as_view(), name="person"),
    *list_urls("organizations", views.Organizations),
    path("organizations/<slug:slug>/", views.OrganizationPage.as_view(), name="organization"),
    *list_urls("countries", views.Countries),
    path("countries/<slug:slug>/", views.CountryPage.as_view(), name="country"),
]
