"""Clause T2 as configured: what a connection, a keeper or a backup key uses is asked for, not remembered."""

import pytest

from midan.core import sm
from midan.vault import algorithms
from midan.vault.backup import key


class Connection:
    """Stands for PostgreSQL: what it says of its own encryption."""

    vendor = "postgresql"

    def __init__(self, *row):
        self.row = row

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def execute(self, statement):
        assert "pg_stat_ssl" in statement

    def fetchone(self):
        return self.row


@pytest.mark.parametrize(
    ("row", "name", "standing"),
    [
        ((True, "TLSv1.3", "TLS_AES_256_GCM_SHA384"), "TLS_AES_256_GCM_SHA384", "other"),
        ((True, "TLSv1.3", "TLS_SM4_GCM_SM3"), "TLS_SM4_GCM_SM3", "national"),
        ((False, None, None), "", "other"),
    ],
)
def test_the_ciphers_of_a_database_connection_are_those_it_has_now(
    keyed_home, monkeypatch, row, name, standing
):
    monkeypatch.setattr(algorithms, "connection", Connection(*row))
    (found,) = algorithms._connection()
    assert (found.name, found.standing) == (name, standing)
    assert found.note % dict(found.figures)


def test_a_database_in_a_file_has_no_connection(keyed_home, monkeypatch):
    local = Connection()
    local.vendor = "sqlite"
    monkeypatch.setattr(algorithms, "connection", local)
    assert algorithms._connection() == []


@pytest.mark.parametrize(
    ("keepers", "wanted", "unwanted"),
    [
        ("file", {"Argon2id"}, {"AES-256-KW"}),
        ("split:/a:/b", set(), {"Argon2id", "AES-256-KW"}),
        ("file,token:/t.toml", {"Argon2id", "AES-256-KW"}, set()),
    ],
)
def test_only_the_keepers_there_are_count(keyed_home, monkeypatch, keepers, wanted, unwanted):
    monkeypatch.setenv("MIDAN_KEEPERS", keepers)
    names = {row.name for row in algorithms._keepers()}
    assert wanted <= names
    assert not unwanted & names


def test_a_backup_key_counts_once_it_is_there(keyed_home):
    assert "Argon2id" not in {row.name for row in algorithms._backups()}
    key.create()
    assert "Argon2id" in {row.name for row in algorithms._backups()}


def test_the_self_test_names_what_failed(monkeypatch):
    assert algorithms.failed_test() == ""

    def fails():
        raise sm.SelfTestFailed("自检未通过", test="sm3")

    monkeypatch.setattr(algorithms.sm, "self_test", fails)
    assert algorithms.failed_test() == "sm3"
