from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "archive.sources"
    verbose_name = "Sources"
