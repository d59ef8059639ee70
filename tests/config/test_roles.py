"""Each process speaks to PostgreSQL as itself, and the database refuses what is not its work."""

import json
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg
import pytest
from django.db import connection
from psycopg.errors import InsufficientPrivilege, IntegrityConstraintViolation

from midan.bench.ground import ground
from midan.catalog.settings import SettingsRefused, current, load
from midan.config import roles
from midan.config.databases import database
from midan.vault import controls
from midan.vault.keyd.remote import answers
from tests.vault.orders import order, put

postgres = pytest.mark.skipif("os.environ.get('MIDAN_TEST_DB') != 'postgres'", reason="needs PostgreSQL")


@pytest.fixture
def made(keyed_home, transactional_db, now):
    from midan.core.actor import Actor
    from midan.vault import services

    services.initialise(actor=Actor.system("init"), now=now)
    put([order(1)])
    names = roles.make()
    yield names
    with connection.cursor() as cursor:  # accounts outlive a database, and the next test begins without
        for role in names.values():
            cursor.execute(f'DROP OWNED BY "{role}"')
            cursor.execute(f'DROP ROLE "{role}"')


def asked(process: str, statement: str) -> list[tuple]:
    """Sign in as this process does, ask, and take everything back."""
    url = (current().database_roles / f"{process}.url").read_text().strip()
    with closing(psycopg.connect(url)) as signed_in:
        found = signed_in.execute(statement)
        rows = found.fetchall() if found.description else []
        signed_in.rollback()
    return rows


REFUSED = {
    "web": (
        "SELECT sealed FROM vault_part",
        "SELECT * FROM vault_part_e1",
        "SELECT digest FROM vault_digest",
        "SELECT sealed FROM vault_identitypart",
        "SELECT * FROM vault_identitypart_rest",
        "UPDATE vault_identityrecord SET epoch = 1",
        "SELECT wrapped FROM vault_state",
        "SELECT sealed FROM vault_frontier",
        "SELECT wrapped FROM vault_secret",
        "UPDATE vault_identity SET generation = 2",
        "UPDATE vault_epoch SET state = 'destroyed'",
        "DELETE FROM vault_part",
        "DELETE FROM vault_reseal",
        "UPDATE audit_entry SET entry = ''",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "INSERT INTO audit_checkpoint (size, root, text, created) VALUES (1, '', '', now())",
        "DELETE FROM audit_leaf",
        "DROP TABLE audit_entry",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "SELECT vault_partition_drop(1, 'vault_part')",
        "SELECT vault_partition_make(9, 1)",
    ),
    "keyd": (
        "SELECT * FROM people_staff",
        "SELECT * FROM mfa_authenticator",
        "UPDATE waybill_waybill SET status = 'x'",
        "DELETE FROM vault_part",
        "DELETE FROM vault_identitypart",
        "UPDATE audit_entry SET entry = ''",
        "DELETE FROM audit_entry",
        "INSERT INTO audit_leaf (index, entry_id, leaf) VALUES (1, 1, '')",
        "SELECT vault_partition_drop(1, 'vault_part')",
    ),
    "jobs": (
        "SELECT wrapped FROM vault_state",
        "SELECT sealed FROM vault_frontier",
        "SELECT wrapped FROM vault_secret",
        "UPDATE vault_part SET sealed = ''",
        "INSERT INTO vault_identitypart VALUES (1, 1, '')",
        "INSERT INTO vault_part VALUES (1, 1, '')",
        "UPDATE vault_epoch SET state = 'destroyed'",
        "UPDATE audit_entry SET entry = ''",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_leaf",
    ),
}


@postgres
def test_the_database_refuses_each_process_what_is_not_its_work(made):
    for process, statements in REFUSED.items():
        for statement in statements:
            with pytest.raises(InsufficientPrivilege):
                asked(process, statement)


@postgres
def test_each_process_may_do_its_own_work(made):
    assert asked("web", "SELECT count(*), min(epoch), max(leaf) FROM vault_part") == [(3, 1, 2)]
    assert (
        len(asked("keyd", "SELECT p.sealed, s.wrapped FROM vault_part p JOIN vault_state s USING (epoch)"))
        == 3
    )
    assert asked("jobs", "DELETE FROM vault_digest RETURNING part") != []
    with pytest.raises(IntegrityConstraintViolation):
        asked("jobs", "SELECT vault_partition_drop(1, 'vault_part')")


@postgres
def test_made_again_the_roles_keep_their_passwords(made):
    folder = current().database_roles
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert roles.make() == made
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@postgres
def test_a_role_whose_file_was_lost_gets_a_new_password(made):
    path = current().database_roles / "web.url"
    before = path.read_text()
    path.unlink()
    roles.make()
    assert urlsplit(path.read_text()).password != urlsplit(before).password


@postgres
def test_the_control_looks_at_the_rights_themselves(made, monkeypatch):
    assert controls._separated().state == "enforced"
    with connection.cursor() as cursor:
        cursor.execute(f'GRANT SELECT ON vault_state TO "{made["web"]}"')
    found = controls._separated()
    assert (found.state, found.figures["held"]) == ("not_yet", 1)
    roles.renew()
    assert controls._separated().state == "enforced"
    monkeypatch.setenv("MIDAN_PROCESS", "web")  # a web process that speaks as the owner all the same
    (current().database_roles / "web.url").unlink()
    assert controls._separated().state == "not_yet"


def test_without_roles_the_control_says_partly(keyed_home, transactional_db):
    found = controls._separated()
    assert found.state == "not_yet"
    assert found.evidence.startswith("部分")


@pytest.mark.skipif("os.environ.get('MIDAN_TEST_DB') == 'postgres'", reason="of SQLite")
def test_sqlite_has_no_roles(keyed_home, transactional_db):
    with pytest.raises(roles.RolesRefused) as refused:
        roles.make()
    assert refused.value.details == {"why": "sqlite"}


def test_a_process_takes_its_own_address_and_a_command_the_owners(tmp_path):
    folder = tmp_path / "keys" / "roles"
    folder.mkdir(parents=True)
    (folder / "web.url").write_text("postgresql://w:secret@db/midan\n")
    named = {"MIDAN_HOME": str(tmp_path), "MIDAN_DATABASE_URL": "postgresql://owner@db/midan"}
    assert load(named | {"MIDAN_PROCESS": "web"}).database_url == "postgresql://w:secret@db/midan"
    assert load(named | {"MIDAN_PROCESS": "jobs"}).database_url == "postgresql://owner@db/midan"
    assert load(named).database_url == "postgresql://owner@db/midan"
    # The sandbox of a restore drill shares the keys of its home, and never its database.
    assert load({"MIDAN_HOME": str(tmp_path), "MIDAN_PROCESS": "web"}).database_url.startswith("sqlite:")


def test_an_address_that_cannot_be_read_is_refused_by_name(tmp_path):
    (tmp_path / "keys" / "roles" / "web.url").mkdir(parents=True)
    named = {"MIDAN_HOME": str(tmp_path), "MIDAN_DATABASE_URL": "postgresql://owner@db/midan"}
    with pytest.raises(SettingsRefused) as refused:
        load(named | {"MIDAN_PROCESS": "web"})
    assert set(refused.value.details["wrong"]) == {"MIDAN_DATABASE_ROLES"}


def test_every_process_has_its_own_limits_and_the_address_overrules_them():
    said = {
        process: database("postgresql://a@b/c", process=process)["OPTIONS"]["options"]
        for process in ("", "web", "keyd", "jobs")
    }
    assert len(set(said.values())) == 4
    for options in said.values():
        assert all(
            f"-c {name}=" in options
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        )
    own = database("postgresql://a@b/c?options=-c%20lock_timeout%3D1s", process="web")["OPTIONS"]["options"]
    assert own.endswith("-c lock_timeout=1s")


@postgres
def test_the_server_itself_ends_what_takes_too_long(made, monkeypatch):
    url = (current().database_roles / "web.url").read_text().strip()
    options = database(url, process="web")["OPTIONS"]["options"]
    with closing(psycopg.connect(url, options=options)) as signed_in:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [signed_in.execute(f"SHOW {name}").fetchone()[0] for name in names] == ["30s", "15s", "1min"]


def run(environ: dict[str, str], *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "midan", *words], env=environ, capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    assert done.returncode == code, (words, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


@pytest.mark.postgres
@pytest.mark.skipif("os.environ.get('MIDAN_TEST_DB') == 'postgres'", reason="brings its own PostgreSQL")
def test_a_served_place_works_with_each_process_as_itself(tmp_path):
    with ground("postgres") as field:
        owner = field.installation()
        home = Path(owner["MIDAN_HOME"])
        assert set(json.loads(run(owner, "db", "roles"))["roles"]) == {"web", "keyd", "jobs"}
        web = {**owner, "MIDAN_PROCESS": "web", "MIDAN_KEYD": "served"}
        jobs = {**owner, "MIDAN_PROCESS": "jobs", "MIDAN_KEYD": "served"}
        orders = tmp_path / "orders.csv"
        run(owner, "demo", "orders", "--rows", "60", "-o", str(orders))
        server = subprocess.Popen(
            [sys.executable, "-m", "midan", "serve", "--port", "18765", "--workers", "1"],
            env=owner,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            socket = home / "run" / "keyd.sock"
            until = time.monotonic() + 60
            while not answers(socket) and time.monotonic() < until:
                time.sleep(0.2)
            assert json.loads(run(web, "intake", str(orders)))["accepted"] == 60
            assert not in_the_rest(owner)  # keyd made the partitions as `keyd`
            run(jobs, "backup", str(tmp_path / "sets"))
            assert json.loads(run(owner, "audit", "verify"))["size"] >= 3  # the sequencer wrote as `jobs`
            found = json.loads(run_all(web, "controls", "--format", "json"))
            (rights,) = [
                one
                for clause in found
                if clause["clause"] == "L2.2"
                for one in clause["controls"]
                if "数据库角色" in one["title"]
            ]
            assert rights["state"] == "enforced"
            (stored,) = [
                one
                for clause in found
                if clause["clause"] == "L2.1"
                for one in clause["controls"]
                if "加密存储" in one["title"]
            ]
            assert stored["state"] == "proved"
            with pytest.raises(HTTPError):  # a client nobody knows: looked up by a web process
                urlopen(
                    "http://127.0.0.1:18765/api/v1/token",
                    data=b"grant_type=client_credentials&client_id=x",
                    timeout=30,
                )
            assert connected(owner) == {f"{home.name}_web", f"{home.name}_keyd", f"{home.name}_jobs"}
        finally:
            server.send_signal(signal.SIGTERM)
            said, _ = server.communicate(timeout=60)
        assert b"rror" not in said, said


def in_the_rest(environ: dict[str, str]) -> int:
    with closing(psycopg.connect(environ["MIDAN_DATABASE_URL"])) as asking:
        return asking.execute("SELECT count(*) FROM vault_part_rest").fetchone()[0]


def run_all(environ: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "midan", *words], env=environ, capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    assert done.stdout, done.stderr[-2000:]
    return done.stdout


def connected(environ: dict[str, str]) -> set[str]:
    with closing(psycopg.connect(environ["MIDAN_DATABASE_URL"])) as asking:
        rows = asking.execute(
            "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {name for (name,) in rows}
