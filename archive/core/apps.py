from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "archive.core"
    verbose_name = "Core"
