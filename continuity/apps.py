from django.apps import AppConfig


class ContinuityConfig(AppConfig):
    name = "continuity"
    verbose_name = "Continuity"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from prompts.triggers import install_triggers

        post_migrate.connect(install_triggers, sender=self)
