"""How much one reader may ask of the API."""

from django.conf import settings
from django.core.cache import caches
from rest_framework.throttling import AnonRateThrottle


class ReaderThrottle(AnonRateThrottle):
    """As many requests from one address as the setting API_RATE allows, in each worker."""

    cache = caches["readers"]

    def get_rate(self):
        return settings.API_RATE
