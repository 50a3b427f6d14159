from django.apps import AppConfig


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "Sessions"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from prompts.triggers import install_triggers

        post_migrate.connect(install_triggers, sender=self)
