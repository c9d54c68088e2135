from django.apps import AppConfig, apps
from django.contrib import admin
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    name = "archive.site"
    verbose_name = "Site"

    def ready(self):
        admin.site.site_header = "Annals"
        admin.site.site_title = "Annals"
        admin.site.index_title = "The archive's desk"
        # Sent for each app that has models, after all migrations; this one has none.
        post_migrate.connect(make_full_text, sender=apps.get_app_config("events"))


def make_full_text(using, **kwargs):
    """Sees to the full text of everything that is searched."""
    from archive.core.search import ensure
    from archive.site.records import SEARCHED

    for model in SEARCHED:
        ensure(model, using)
