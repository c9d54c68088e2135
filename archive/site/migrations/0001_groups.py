"""The groups of curators and editors."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

from archive.site.roles import WRITTEN, make_groups


def forwards(apps, schema_editor):
    # Django makes permissions when all migrations have run; the groups need them now.
    for label in (*WRITTEN, "core"):
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
        config.models_module = None
    make_groups(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("core", "0004_compared"),
        ("sources", "0001_initial"),
        ("people", "0002_identifiers"),
        ("events", "0002_identifiers"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
