"""Who may do what in the admin: two groups, made by a migration, which administrators may change afterwards.

Curators write: every record and row. What they change of a public record waits for an editor, and nothing that they do publishes
(see archive/core/curation/). Editors decide, and merge, import and restore besides. Accounts are the superusers' business.
"""

WRITTEN = ("sources", "people", "events")  # apps whose records and rows are written in forms
EDITORS = ("publish_record", "restore_record", "merge_record", "import_record")
SEEN = ("view_entry", "view_proposal", "view_moved", "view_pair")


def make_groups(apps):
    """Makes both groups with their permissions, from `apps`, a registry of the models as a migration or the project has them."""
    groups, permissions = apps.get_model("auth", "Group").objects, apps.get_model("auth", "Permission").objects
    written = permissions.filter(content_type__app_label__in=WRITTEN)
    core = permissions.filter(content_type__app_label="core")
    # A passage is made with what rests on it; to change or delete it by itself would change what is public.
    of_curators = written.exclude(content_type__model="passage") | written.filter(codename="view_passage")
    for name, given in {
        "Curators": [of_curators, core.filter(codename__in=SEEN)],
        "Editors": [written, core.filter(codename__in=(*SEEN, *EDITORS))],
    }.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(permission for some in given for permission in some))
