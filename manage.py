#!/usr/bin/env python
"""Django's command line for Annals."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Annals cannot start: {error}")  # a missing setting is said in one line, not in fifty of traceback


if __name__ == "__main__":
    main()
