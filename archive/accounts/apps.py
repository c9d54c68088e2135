from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "archive.accounts"
    verbose_name = "Accounts"
    default = True

    def ready(self):
        from archive.accounts.door import remember

        user_logged_in.connect(remember)


class AdminConfig(admin.AdminConfig):
    """Django's admin, behind the archive's own door."""

    default = False
    default_site = "archive.accounts.door.GuardedSite"
