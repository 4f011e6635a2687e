-- Synchronising: what this PC knows of the shop's server, and what has arrived but is not in the books yet.
-- All of it is this PC's alone, never synced.

-- Step 1 made it before anything used it.
DROP TABLE sync_state;
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
INSERT INTO sync_state (singleton) VALUES (1);

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

CREATE TABLE sync_losses (                  -- this PC's edits that lost against newer ones, until it is known
    number     INTEGER PRIMARY KEY,         -- whether who wrote the newer one had seen them
    table_name TEXT NOT NULL,
    record_id  TEXT NOT NULL,
    lost_at    TEXT NOT NULL,               -- updated_at of the edit that lost
    old_values TEXT NOT NULL,               -- JSON
    new_values TEXT NOT NULL
) STRICT;

-- A push goes by the time a record was made, not by that of its last edit: else a job could arrive long
-- before the customer it belongs to, whose phone was changed yesterday. (Facts: both times are one.)
DROP INDEX devices_unsynced;
DROP INDEX settings_unsynced;
DROP INDEX users_unsynced;
DROP INDEX customers_unsynced;
DROP INDEX service_types_unsynced;
DROP INDEX accounts_unsynced;
DROP INDEX expense_categories_unsynced;
DROP INDEX jobs_unsynced;
CREATE INDEX devices_unsynced ON devices (created_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX settings_unsynced ON settings (created_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX users_unsynced ON users (created_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX customers_unsynced ON customers (created_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX service_types_unsynced ON service_types (created_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX accounts_unsynced ON accounts (created_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX expense_categories_unsynced ON expense_categories (created_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX jobs_unsynced ON jobs (created_at) WHERE sync_status <> 'SYNCED';

-- What two PCs did twice shows in these sums; hardly any row has one.
CREATE INDEX job_totals_below_zero ON job_totals (job_id) WHERE total_minor < 0;
CREATE INDEX payment_totals_below_zero ON payment_totals (payment_id) WHERE received_minor < 0;
CREATE INDEX payment_totals_overspent ON payment_totals (payment_id) WHERE unallocated_minor < 0;

CREATE INDEX audit_logs_overwritten ON audit_logs (created_at) WHERE action = 'OVERWRITTEN';

-- The settings of a shop are that shop's even where they are as every shop begins: a PC that joins takes them.
UPDATE settings
   SET written_by = (SELECT device_id FROM this_pc), sync_status = 'PENDING',
       updated_at = (SELECT created_at FROM devices WHERE id = (SELECT device_id FROM this_pc))
 WHERE written_by = '00000000-0000-0000-0000-000000000000' AND (SELECT device_id FROM this_pc) IS NOT NULL;
