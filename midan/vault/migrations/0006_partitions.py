"""On PostgreSQL, sealed parts and search digests lie in partitions, one an epoch: a dead one is dropped, not deleted.

What is there already stays where it lies, as the partition of the epochs up to now. A row whose epoch has no partition
goes to the rest: nothing here can stop an intake. SQLite has no partitions and keeps its tables.
"""

from typing import Final

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_KEYS: Final = {"vault_part": "epoch, leaf", "vault_digest": "epoch, digest, seq, part"}

# Owner's rights: who takes in orders or destroys keys owns no table. Neither waits long for a lock others need.
_MAKE: Final = """
CREATE FUNCTION vault_partition_make(first bigint, numbers int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    kept text; name text; made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7882816417823584368);
    FOR epoch IN first .. first + numbers - 1 LOOP
        FOREACH kept IN ARRAY ARRAY['vault_part', 'vault_digest'] LOOP
            name := format('%s_e%s', kept, epoch);
            CONTINUE WHEN to_regclass(name) IS NOT NULL OR EXISTS (
                SELECT 1 FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
                WHERE i.inhparent = kept::regclass AND c.relname = kept || '_before'
                AND epoch < substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''(\\d+)''\\)')::bigint);
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', name, kept);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                           kept, name, epoch, epoch + 1);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$
"""
# The last judge of what may go: an epoch that is dead, has no state, and that no record leads to any more.
_DROP: Final = """
CREATE FUNCTION vault_partition_drop(dead bigint, kept text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    name text := format('%s_e%s', kept, dead);
BEGIN
    IF kept NOT IN ('vault_part', 'vault_digest') OR to_regclass(name) IS NULL THEN
        RETURN false;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM vault_epoch WHERE id = dead AND state = 'destroyed')
       OR EXISTS (SELECT 1 FROM vault_state WHERE epoch = dead)
       OR EXISTS (SELECT 1 FROM vault_record WHERE epoch = dead) THEN
        RAISE EXCEPTION 'a partition goes after its epoch, never before'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    EXECUTE format('DROP TABLE %I', name);
    RETURN true;
END $$
"""


def divide(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM vault_epoch")
        until = cursor.fetchone()[0]
        for table, key in _KEYS.items():
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
            filled = cursor.fetchone()[0]
            cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
            cursor.execute(f"ALTER INDEX {table}_pkey RENAME TO {table}_before_pkey")
            cursor.execute(
                f"CREATE TABLE {table} (LIKE {table}_before INCLUDING DEFAULTS) PARTITION BY RANGE (epoch)"
            )
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({key})")
            cursor.execute(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
            if filled:
                cursor.execute(
                    f"ALTER TABLE {table} ATTACH PARTITION {table}_before FOR VALUES FROM (MINVALUE) TO ({until})"
                )
            else:
                cursor.execute(f"DROP TABLE {table}_before")
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        for function in (_MAKE, _DROP):
            cursor.execute(function.replace("{schema}", schema))


def join(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION vault_partition_make(bigint, int)")
        cursor.execute("DROP FUNCTION vault_partition_drop(bigint, text)")
        for table, key in _KEYS.items():
            cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_divided")
            cursor.execute(f"ALTER INDEX {table}_pkey RENAME TO {table}_divided_pkey")
            cursor.execute(f"CREATE TABLE {table} (LIKE {table}_divided INCLUDING DEFAULTS)")
            cursor.execute(f"INSERT INTO {table} SELECT * FROM {table}_divided")
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({key})")
            cursor.execute(f"DROP TABLE {table}_divided")


class Migration(migrations.Migration):
    dependencies = [("vault", "0005_what_is_kept")]

    operations = [migrations.RunPython(divide, join)]
