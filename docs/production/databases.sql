-- Two databases, two owners; the roles of the ledger are made by `hummingbird ledger migrate`.
-- As an administrator of the server: psql "$ADMINISTRATOR_DSN" -v airflow="'…'" -v ledger="'…'" -f databases.sql
-- The ledger's owner makes ledger_writer and ledger_reader (CREATEROLE) and is used by the migration Job alone.
-- pg_hba.conf: hostssl, scram-sha-256, for exactly these pairs:
--   airflow / airflow;  ledger / ledger_owner, ledger_writer, ledger_reader
CREATE ROLE airflow LOGIN PASSWORD :airflow;
CREATE DATABASE airflow OWNER airflow;
REVOKE ALL ON DATABASE airflow FROM PUBLIC;
ALTER ROLE airflow SET idle_in_transaction_session_timeout = '60s';

CREATE ROLE ledger_owner LOGIN CREATEROLE PASSWORD :ledger;
CREATE DATABASE ledger OWNER ledger_owner;
REVOKE ALL ON DATABASE ledger FROM PUBLIC;
