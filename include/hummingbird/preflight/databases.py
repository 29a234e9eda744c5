"""Databases: PostgreSQL, over verified TLS outside loopback, by roles that cannot rewrite events."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from hummingbird.core.errors import Conflict, Unreachable
from hummingbird.ledger.engine import connect
from hummingbird.ledger.revision import require_schema
from hummingbird.ledger.schema import SCHEMA
from hummingbird.preflight.addresses import database_problems

_REWRITE = ("UPDATE", "DELETE", "TRUNCATE")
_STANDING = text(
    "SELECT current_user, rolsuper, pg_has_role(current_user, relowner, 'MEMBER'), relname "
    "FROM pg_roles, pg_class WHERE rolname = current_user AND pg_class.oid = to_regclass(:table)"
)
_MAY = text("SELECT has_table_privilege(:table, :right)")
_GUARDED = text(
    "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(:table) AND tgenabled = 'A' "
    "AND tgname IN ('event_is_never_changed', 'event_is_never_emptied')"
)


def dsn_problems(where: str, dsn: str) -> list[str]:
    """What is wrong with a DSN, without connecting."""
    try:
        url = make_url(dsn)
    except ArgumentError:
        return [f"{where} is not a DSN; give it as postgresql://user:password@host/database"]
    if url.get_backend_name() != "postgresql":
        return [
            f"{where} is {url.get_backend_name()}; give a PostgreSQL database, others lose tasks under load"
        ]
    host = str(url.host or url.query.get("host") or "")
    return database_problems(where, host, url.query.get("sslmode"))


def ledger_problems(writer: Engine, reader: Engine) -> list[str]:
    """What is wrong with the ledger's schema and with the rights of the two roles that come to it."""
    told = []
    for name, engine, rights in (("writer", writer, _REWRITE), ("reader", reader, ("INSERT", *_REWRITE))):
        try:
            with engine.connect() as connection:
                require_schema(connection)
                told += _role_problems(connection, name, rights)
        except Conflict as error:
            told.append(f"the ledger's {name}: {error}")
        except OperationalError as error:
            said = " ".join(str(error.orig).split())
            raise Unreachable(f"the ledger's database does not answer: {said}") from error
    return list(dict.fromkeys(told))


def people_without_account(dsn: str, people: dict[str, str]) -> list[str]:
    """A sentence for every person (name → account) that has no active account in Airflow's database."""
    engine = connect(dsn, pool_size=1, name="hummingbird-preflight")
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT username FROM ab_user WHERE active")).scalars().all()
    except ProgrammingError:
        return ["Airflow's database has no accounts yet; run `airflow db migrate` and create them"]
    except OperationalError as error:
        said = " ".join(str(error.orig).split())
        raise Unreachable(f"Airflow's database does not answer: {said}") from error
    finally:
        engine.dispose()
    return [
        f"{name} of the catalogue has no account {account} in Airflow; "
        "run `python -m hummingbird roles apply` or mend roles.yaml"
        for name, account in sorted(people.items())
        if account not in set(found)
    ]


def _role_problems(connection: Connection, name: str, rights: tuple[str, ...]) -> list[str]:
    table = {"table": f"{SCHEMA}.event"}
    user, superuser, owner, _ = connection.execute(_STANDING, table).one()
    if superuser or owner:
        what = "a superuser" if superuser else "the owner of the events, or a member of that role"
        return [f"the ledger's {name} {user} is {what}; give the DSN of role ledger_{name}"]
    held = [right for right in rights if connection.execute(_MAY, {**table, "right": right}).scalar_one()]
    told = [
        f"the ledger's {name} {user} may {', '.join(held)} events; run `hummingbird ledger roles --dsn "
        "<owner's DSN>`, which takes all other rights back"
    ] * bool(held)
    if connection.execute(_GUARDED, table).scalar_one() < 2:
        told.append(
            "the triggers that keep events from being changed are missing or off; restore them from "
            "migration 0001, then run `hummingbird ledger verify`"
        )
    return told
