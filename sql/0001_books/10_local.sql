-- Tables of this PC alone, never synchronised: its identity, its number series, its local settings, the state of
-- its synchronisation, and received rows that are not merged yet.
--
-- The synchronised records follow in 20_records.sql. Each has: id (UUID v4), device_id (the PC that created the
-- row, never changed), created_at / updated_at (UTC, fixed width, so that text order is time order), extra (JSON:
-- fields of later versions, kept untouched by a version that does not know them) and sync_status. Records with
-- editable columns also have written_by: the PC that wrote the row last, which decides a tie between two edits of
-- the same microsecond. Money is an integer in the currency's minor unit. 999999999999 is the largest single
-- amount: the sum of nine million such entries still fits into SQLite's 64 bits.

CREATE TABLE app_settings (                 -- this PC's identity, and the user of the running transaction
    singleton      INTEGER PRIMARY KEY CHECK (singleton = 1),
    device_id      TEXT,                    -- NULL until the shop is set up
    last_at        TEXT NOT NULL,           -- timestamp of the last operation: the next one is greater
    user_id        TEXT,                    -- set while a transaction runs, else NULL
    is_merging     INTEGER NOT NULL DEFAULT 0 CHECK (is_merging IN (0, 1)),  -- 1 while received rows are merged
    reissuing_from TEXT                     -- the former identity whose unsent rows are being reissued; else NULL
) STRICT;

CREATE TABLE reference_counters (           -- the last number used on this PC, gapless
    series      TEXT PRIMARY KEY,
    last_number INTEGER NOT NULL DEFAULT 0 CHECK (last_number >= 0)
) STRICT;

CREATE TABLE local_settings (               -- settings of this PC alone: theme, printers, folders
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE sync_state (
    singleton     INTEGER PRIMARY KEY CHECK (singleton = 1),
    server_url    TEXT,                     -- NULL until the owner joins a server
    token         TEXT,
    shop_id       TEXT,                     -- kept after leaving: this PC's books belong to that shop
    left_url      TEXT,                     -- the server that this PC has left, and its token there,
    left_token    TEXT,                     -- which proves that it is the same PC when it joins again
    shop_name     TEXT,
    fetching      TEXT CHECK (fetching IN ('RECORDS', 'ALL')),    -- during the first fetch of the shop: first the
                                            -- records that facts point to, then everything; else NULL
    fetch_cursor  INTEGER NOT NULL DEFAULT 0,                     -- pull cursor of RECORDS
    takes_over    INTEGER NOT NULL DEFAULT 0 CHECK (takes_over IN (0, 1)),    -- 1 during the first fetch: the shop's
                                            -- settings replace this PC's own, even newer ones
    pull_cursor   INTEGER NOT NULL DEFAULT 0,
    same_books_at TEXT,                     -- when the books last equalled the server's
    difference    TEXT,                     -- what differed otherwise, in words
    clock_ahead_s INTEGER NOT NULL DEFAULT 0,                     -- this PC's clock minus the server's
    CHECK ((server_url IS NULL) = (token IS NULL))
) STRICT;

CREATE TABLE former_devices (               -- this PC's identities before it was restored or copied
    device_id TEXT PRIMARY KEY,
    until     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_marks (                   -- marks of this PC's pushes. The server reports the last one stored. If
    number       INTEGER PRIMARY KEY,       -- it is not here, another PC writes under this PC's identity; if it is
    mark         TEXT NOT NULL UNIQUE,      -- older than the last confirmed one, the server was restored.
    is_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (is_confirmed IN (0, 1))
) STRICT;

CREATE TABLE sync_peers (                   -- each PC's last synchronisation, as reported by the server
    device_id TEXT PRIMARY KEY,
    pushed_at TEXT,
    pulled_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_attempts (                -- the latest synchronisations, for the Sync screen
    number      INTEGER PRIMARY KEY,        -- gives the order: timestamps do not, if the clock was once ahead
    started_at  TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    pushed      INTEGER NOT NULL,
    pulled      INTEGER NOT NULL,
    refused     INTEGER NOT NULL,           -- records that the server refused
    code        TEXT NOT NULL,              -- '' after success
    words       TEXT NOT NULL
) STRICT;

CREATE TABLE sync_pages (                   -- pulled pages that are not merged yet. A page is stored together with its
    number INTEGER PRIMARY KEY,             -- cursor in one transaction, and merged in short ones
    body   BLOB NOT NULL                    -- JSON {table: [rows]}, zlib
) STRICT;

CREATE TABLE sync_waiting (                 -- operations that cannot be merged yet
    number     INTEGER PRIMARY KEY,
    missing_id TEXT NOT NULL,               -- the missing record that they belong to; '' for other reasons
    reason     TEXT NOT NULL,
    body       TEXT NOT NULL                -- JSON [[table, row], …]
) STRICT;
CREATE INDEX sync_waiting_by_missing ON sync_waiting (missing_id);

CREATE TABLE carried_rows (                 -- rows of tables that this version does not know; entered after an update
    table_name TEXT NOT NULL,
    id         TEXT NOT NULL,
    device_id  TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    body       TEXT NOT NULL,               -- JSON of the row
    PRIMARY KEY (table_name, id, device_id)
) STRICT;

CREATE TABLE sync_losses (                  -- this PC's edits that lost against newer ones, until it is known whether
    number     INTEGER PRIMARY KEY,         -- the author of the newer edit had seen them
    table_name TEXT NOT NULL,
    record_id  TEXT NOT NULL,
    lost_at    TEXT NOT NULL,               -- updated_at of the edit that lost
    old_value  TEXT NOT NULL,               -- JSON
    new_value  TEXT NOT NULL
) STRICT;
