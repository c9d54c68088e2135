"""The WSGI application, which a production server runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive.settings")

application = get_wsgi_application()

# What is loaded by now stays: the search for garbage need not go through it, nor after every few objects of a page.
gc.freeze()
gc.set_threshold(50_000, 20, 50)
