"""What the books keep: the tables of the sandbox's one file, opened by `books`; the rooms write what is theirs."""

import sqlite3
from contextlib import closing

TABLES = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY, route TEXT NOT NULL, kind TEXT NOT NULL, times INTEGER NOT NULL,
    fired INTEGER NOT NULL DEFAULT 0, details TEXT NOT NULL, skip INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY, due_at REAL NOT NULL, kind TEXT NOT NULL, entity_id TEXT NOT NULL UNIQUE,
    status_from TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due_at, id);
CREATE TABLE IF NOT EXISTS broker_tokens (token TEXT PRIMARY KEY, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, account_number TEXT NOT NULL UNIQUE, status TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
    given_name TEXT NOT NULL, family_name TEXT NOT NULL, phone TEXT NOT NULL, document TEXT NOT NULL,
    kyc_results TEXT, ach_return INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS relationships (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (id), status TEXT NOT NULL, reason TEXT,
    owner_name TEXT NOT NULL, bank_type TEXT, bank_number TEXT, bank_routing TEXT, nickname TEXT,
    processor_token TEXT, mask TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS relationships_account ON relationships (account_id);
CREATE TABLE IF NOT EXISTS transfers (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (id),
    relationship_id TEXT NOT NULL REFERENCES relationships (id), direction TEXT NOT NULL,
    cents INTEGER NOT NULL CHECK (cents > 0), status TEXT NOT NULL, reason TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS transfers_account ON transfers (account_id, created_at DESC);
CREATE INDEX IF NOT EXISTS transfers_relationship ON transfers (relationship_id);
CREATE TABLE IF NOT EXISTS transfer_extras (
    transfer_id TEXT PRIMARY KEY REFERENCES transfers (id), instant_cents INTEGER NOT NULL, hold_until TEXT, ira TEXT);
CREATE TABLE IF NOT EXISTS activities (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL REFERENCES accounts (id),
    activity_type TEXT NOT NULL, cents INTEGER NOT NULL, description TEXT NOT NULL, date TEXT NOT NULL,
    created_at TEXT NOT NULL, transfer_id TEXT REFERENCES transfers (id), reverses INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS activities_account ON activities (account_id);
-- However often a transfer is completed or returned, its money moves once each way.
CREATE UNIQUE INDEX IF NOT EXISTS activities_once ON activities (transfer_id, reverses) WHERE transfer_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS positions (
    account_id TEXT NOT NULL REFERENCES accounts (id), symbol TEXT NOT NULL, qty TEXT NOT NULL,
    avg_entry_price TEXT NOT NULL, current_price TEXT NOT NULL, lastday_price TEXT NOT NULL, held_since TEXT NOT NULL,
    PRIMARY KEY (account_id, symbol));
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, ulid TEXT NOT NULL UNIQUE, stream TEXT NOT NULL, at REAL NOT NULL,
    account_id TEXT NOT NULL, entity_id TEXT NOT NULL, payload TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_stream ON events (stream, ulid);
CREATE TABLE IF NOT EXISTS link_tokens (
    token TEXT PRIMARY KEY, created_at REAL NOT NULL, expires_at REAL NOT NULL, request TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS link_sessions (
    id TEXT PRIMARY KEY, link_token TEXT NOT NULL, institution_id TEXT, username TEXT,
    signed_in INTEGER NOT NULL DEFAULT 0, code_wanted INTEGER NOT NULL DEFAULT 0, started_at REAL NOT NULL,
    finished_at REAL, result TEXT);
CREATE TABLE IF NOT EXISTS link_steps (session_id TEXT PRIMARY KEY, details TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS link_oauth_states (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL, outcome TEXT, masks TEXT, processed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS public_tokens (
    token TEXT PRIMARY KEY, item_id TEXT NOT NULL, expires_at REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS items (
    id TEXT PRIMARY KEY, access_token TEXT NOT NULL UNIQUE, institution_id TEXT NOT NULL, products TEXT NOT NULL,
    webhook TEXT, owner_name TEXT NOT NULL, login_required INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS bank_accounts (
    id TEXT PRIMARY KEY, item_id TEXT NOT NULL REFERENCES items (id), position INTEGER NOT NULL, details TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS processor_tokens (
    token TEXT PRIMARY KEY, item_id TEXT NOT NULL REFERENCES items (id),
    bank_account_id TEXT NOT NULL REFERENCES bank_accounts (id), processor TEXT NOT NULL,
    outdated INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS processor_terms (
    token TEXT PRIMARY KEY REFERENCES processor_tokens (token), products TEXT NOT NULL, webhook TEXT);
CREATE TABLE IF NOT EXISTS item_states (
    item_id TEXT PRIMARY KEY REFERENCES items (id), auth_method TEXT, exchanged INTEGER NOT NULL DEFAULT 0,
    revoked INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, signed_in_at REAL, disconnect_at REAL);
CREATE TABLE IF NOT EXISTS signal_transactions (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, result TEXT NOT NULL, initiated INTEGER, reports TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS plaid_calls (path TEXT NOT NULL, token TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS webhook_keys (
    seq INTEGER PRIMARY KEY, kid TEXT NOT NULL UNIQUE, private TEXT NOT NULL, created_at REAL NOT NULL,
    expired_at REAL);
CREATE TABLE IF NOT EXISTS webhook_messages (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, item_id TEXT, url TEXT NOT NULL, payload TEXT NOT NULL,
    created_at REAL NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at REAL,
    last_status INTEGER, last_attempt_at REAL, trouble TEXT);
CREATE TABLE IF NOT EXISTS webhook_attempts (
    seq INTEGER PRIMARY KEY, message_id TEXT NOT NULL, at REAL NOT NULL, kid TEXT, mischief TEXT, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS identity_keys (seq INTEGER PRIMARY KEY, kid TEXT NOT NULL UNIQUE, private TEXT NOT NULL);
-- The sign-in provider's codes and access tokens, and what each is good for.
CREATE TABLE IF NOT EXISTS identity_grants (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, details TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS webhook_attempts_message ON webhook_attempts (message_id);
CREATE INDEX IF NOT EXISTS webhook_messages_next ON webhook_messages (next_at) WHERE next_at IS NOT NULL;
"""


def lay_out(connection: sqlite3.Connection) -> None:
    """Make the tables that are missing, and the columns that an older sandbox did not have.

    Raises sqlite3.OperationalError when an old row would have nothing to put into a new column.
    """
    wanted = _wanted()
    for table in _tables_of(connection) & wanted.keys():
        had = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        for name, declaration in wanted[table].items():
            if name not in had:
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {declaration}")
    connection.executescript(TABLES)


def _wanted() -> dict[str, dict[str, str]]:
    """Each table's columns and how they are declared, as a new file would have them."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(TABLES)
        return {table: _columns_of(fresh, table) for table in _tables_of(fresh)}


def _columns_of(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    return {
        name: f"{kind} {'NOT NULL' if not_null else ''} {'' if default is None else f'DEFAULT {default}'}"
        for _, name, kind, not_null, default, _ in connection.execute(f"PRAGMA table_info({table})")
    }


def _tables_of(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
