from django.apps import AppConfig


class BackupConfig(AppConfig):
    """Tables of its own, so that what a restore says of itself never mixes with the vault's."""

    name = "midan.vault.backup"
    label = "backup"
