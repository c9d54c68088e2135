"""The least that a Django site can do: `/<number>` answers so many bytes, from memory."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="bare", MIDDLEWARE=[])  # noqa: S106
BYTES = b"x" * 10_000_000


def answer(request, size):
    return HttpResponse(BYTES[:size])


urlpatterns = [path("<int:size>", answer)]
application = get_wsgi_application()
