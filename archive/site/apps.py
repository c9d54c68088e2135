from django.apps import AppConfig
from django.contrib import admin


class SiteConfig(AppConfig):
    name = "archive.site"
    verbose_name = "Site"

    def ready(self):
        admin.site.site_header = "Annals"
        admin.site.site_title = "Annals"
        admin.site.index_title = "The archive's desk"
