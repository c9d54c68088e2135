"""Makes a checkout ready to be looked at: migrated, filled, with somebody who can enter the admin."""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from archive.sources.models import Document


class Command(BaseCommand):
    help = "Migrates the database, loads the archive into an empty one, and, with DEBUG on, makes the first staff account."

    def add_arguments(self, parser):
        parser.add_argument("--address", default="http://127.0.0.1:8000/", help="where the site will be served, for the message")

    def handle(self, address, **options):
        call_command("migrate", verbosity=0)
        # Only into an empty archive: loading again would undo what curators have changed since.
        if Document.objects.exists():
            self.stdout.write("The archive is here already.")
        else:
            call_command("loaddata", "archive", stdout=self.stdout)
        call_command("draw_network", stdout=self.stdout)
        password = self.first_staff()
        self.stdout.write(f"\n  The archive   {address}\n  The admin     {address}admin/")
        if password:
            self.stdout.write(f"  Log in as     curator\n  Password      {password}   (shown only now)")
        self.stdout.write("")

    def first_staff(self):
        """The password of a staff account made because there was none; None where there is one, or outside of DEBUG."""
        users = get_user_model().objects
        if not settings.DEBUG or users.filter(is_staff=True).exists():
            return None
        password = secrets.token_urlsafe(12)
        users.create_superuser("curator", password=password)
        return password
