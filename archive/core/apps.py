from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "archive.core"
    verbose_name = "Core"

    def ready(self):
        from archive.core import ledger

        ledger.watch()
