"""The WSGI application, which a production server runs."""

import ctypes
import gc
import os

from django.core.wsgi import get_wsgi_application

M_ARENA_MAX = -8  # of glibc's malloc.h

# One heap for all threads: with one for each, glibc gives the arrays of a search back to the system each time, and keeps for
# every thread what only one needs.
if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
    mallopt(M_ARENA_MAX, 1)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive.settings")

application = get_wsgi_application()

# What is loaded by now stays: the search for garbage need not go through it, nor after every few objects of a page.
gc.freeze()
gc.set_threshold(50_000, 20, 50)
