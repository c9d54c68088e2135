"""How much one reader may ask of the API."""

from django.conf import settings
from rest_framework.throttling import AnonRateThrottle


class ReaderThrottle(AnonRateThrottle):
    """As many requests from one address as the setting API_RATE allows, in each worker."""

    def get_rate(self):
        return settings.API_RATE
