"""The way back for a forgotten password, by the names that Django's own pages know it by."""

from django.urls import path

from archive.accounts import views

urlpatterns = [
    path("password_reset/", views.Reset.as_view(), name="admin_password_reset"),
    path("password_reset/done/", views.ResetDone.as_view(), name="password_reset_done"),
    path("reset/<uidb64>/<token>/", views.ResetConfirm.as_view(), name="password_reset_confirm"),
    path("reset/done/", views.ResetComplete.as_view(), name="password_reset_complete"),
]
