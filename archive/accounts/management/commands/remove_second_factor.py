from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from archive.accounts.models import remove


class Command(BaseCommand):
    help = "Takes away the second factor of an account whose phone and recovery codes are lost: for who has no superuser to ask."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, username, **options):
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account {username}.")
        if not remove(user):
            raise CommandError(f"{username} has no second factor.")
        self.stdout.write(f"{username} logs in with the password alone.")
