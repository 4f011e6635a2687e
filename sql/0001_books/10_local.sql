-- What belongs to this PC alone, never synchronised: who it is, the numbers that it has given, what it remembers
-- for its people, what it knows of the shop's server, and what has arrived but is not in the books yet.
--
-- The synchronised records follow in 20_records.sql. Each carries: id (UUID v4), device_id (the PC that created
-- the row, never changed), created_at / updated_at (UTC, fixed width, so that text order is time order), extra
-- (JSON: the fields that a later version brought, carried untouched by those that do not know them) and
-- sync_status. Records whose descriptive columns people may edit also carry written_by: the PC that wrote the
-- row last, which decides a tie between two edits of the same microsecond. Money is an integer in the
-- currency's minor unit. 999999999999 is the largest single amount: nine million such entries still add up
-- inside SQLite's 64 bits.

CREATE TABLE app_settings (                 -- who this PC is, and who is writing just now
    singleton      INTEGER PRIMARY KEY CHECK (singleton = 1),
    device_id      TEXT,                    -- NULL until the shop is set up
    last_at        TEXT NOT NULL,           -- timestamp of the last operation: the next one is greater
    user_id        TEXT,                    -- who is writing, while a transaction runs; else NULL
    is_merging     INTEGER NOT NULL DEFAULT 0 CHECK (is_merging IN (0, 1)),  -- rows arrive by sync
    reissuing_from TEXT                     -- the former identity whose unsent rows this PC records anew; else NULL
) STRICT;

CREATE TABLE reference_counters (           -- the last number given on this PC, gapless
    series      TEXT PRIMARY KEY,
    last_number INTEGER NOT NULL DEFAULT 0 CHECK (last_number >= 0)
) STRICT;

CREATE TABLE local_settings (               -- of this PC alone: theme, printers, folders
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE sync_state (
    singleton     INTEGER PRIMARY KEY CHECK (singleton = 1),
    server_url    TEXT,                     -- NULL until the owner joins a server
    token         TEXT,
    shop_id       TEXT,                     -- stays after leaving: this PC's books are that shop's
    left_url      TEXT,                     -- the server that was left, and the token there: whoever joins again
    left_token    TEXT,                     -- shows with it that it is the same PC
    shop_name     TEXT,
    fetching      TEXT CHECK (fetching IN ('RECORDS', 'ALL')),    -- the shop is still being fetched for the
                                            -- first time: first what facts point to, then everything
    fetch_cursor  INTEGER NOT NULL DEFAULT 0,                     -- how far, of RECORDS
    takes_over    INTEGER NOT NULL DEFAULT 0 CHECK (takes_over IN (0, 1)),    -- meanwhile the shop's settings count,
                                            -- however recent this PC's own are: it has just come to this shop
    pull_cursor   INTEGER NOT NULL DEFAULT 0,
    same_books_at TEXT,                     -- when the books were last found to be the server's
    difference    TEXT,                     -- what differed when they were not, in words
    clock_ahead_s INTEGER NOT NULL DEFAULT 0,                     -- this PC's clock less the server's
    CHECK ((server_url IS NULL) = (token IS NULL))
) STRICT;

CREATE TABLE former_devices (               -- who this PC was before it was found restored or copied
    device_id TEXT PRIMARY KEY,
    until     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_marks (                   -- under which this PC has pushed; the server tells the last it stored
    number       INTEGER PRIMARY KEY,       -- something under. One that is not here: somebody else writes in this
    mark         TEXT NOT NULL UNIQUE,      -- PC's name. One before the last confirmed: the server was restored.
    is_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (is_confirmed IN (0, 1))
) STRICT;

CREATE TABLE sync_peers (                   -- when each PC of the shop last synchronised, as the server told
    device_id TEXT PRIMARY KEY,
    pushed_at TEXT,
    pulled_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_attempts (                -- the last of them, for the Sync screen
    number      INTEGER PRIMARY KEY,        -- their order: a clock may have been years ahead
    started_at  TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    pushed      INTEGER NOT NULL,
    pulled      INTEGER NOT NULL,
    refused     INTEGER NOT NULL,           -- records that the server would not take
    code        TEXT NOT NULL,              -- '' when it went well
    words       TEXT NOT NULL
) STRICT;

CREATE TABLE sync_pages (                   -- what was pulled and is not merged yet: kept with its cursor in one
    number INTEGER PRIMARY KEY,             -- transaction, merged in short ones
    body   BLOB NOT NULL                    -- JSON {table: [rows]}, zlib
) STRICT;

CREATE TABLE sync_waiting (                 -- operations that cannot be merged yet
    number     INTEGER PRIMARY KEY,
    missing_id TEXT NOT NULL,               -- the record they belong to, which is still to come; '' for other reasons
    reason     TEXT NOT NULL,
    body       TEXT NOT NULL                -- JSON [[table, row], …]
) STRICT;
CREATE INDEX sync_waiting_by_missing ON sync_waiting (missing_id);

CREATE TABLE carried_rows (                 -- rows of tables that this version does not know, entered after its update
    table_name TEXT NOT NULL,
    id         TEXT NOT NULL,
    device_id  TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    body       TEXT NOT NULL,               -- JSON of the row
    PRIMARY KEY (table_name, id, device_id)
) STRICT;

CREATE TABLE sync_losses (                  -- this PC's edits that lost against newer ones, until it is known
    number     INTEGER PRIMARY KEY,         -- whether who wrote the newer one had seen them
    table_name TEXT NOT NULL,
    record_id  TEXT NOT NULL,
    lost_at    TEXT NOT NULL,               -- updated_at of the edit that lost
    old_value  TEXT NOT NULL,               -- JSON
    new_value  TEXT NOT NULL
) STRICT;
