from django.db import migrations

INDEX = "legacydocument_byte_order"


def create(apps, schema_editor):
    """The migration walks (document_id, path) in byte order, whatever the database's own collation is."""
    collate = ' COLLATE "C"' if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"CREATE INDEX {INDEX} ON sessions_app_legacydocument (document_id{collate}, path{collate})")


def drop(apps, schema_editor):
    schema_editor.execute(f"DROP INDEX {INDEX}")


class Migration(migrations.Migration):
    dependencies = [("sessions_app", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
