from django.urls import path

from archive.site.pictures import views

urlpatterns = [
    path("", views.Pictures.as_view(), name="pictures"),
    path("years/", views.Years.as_view(), name="pictures-years"),
    path("map/", views.World.as_view(), name="pictures-map"),
    path("network/", views.Network.as_view(), name="pictures-network"),
    path("topics/", views.Topics.as_view(), name="pictures-topics"),
]
