from django.urls import path

from people import views

urlpatterns = [
    path("people/", views.People.as_view(), name="people"),
    path("people/<slug:slug>/", views.PersonPage.as_view(), name="person"),
    path("organizations/", views.Organizations.as_view(), name="organizations"),
    path("organizations/<slug:slug>/", views.OrganizationPage.as_view(), name="organization"),
    path("countries/", views.Countries.as_view(), name="countries"),
    path("countries/<slug:slug>/", views.CountryPage.as_view(), name="country"),
]
