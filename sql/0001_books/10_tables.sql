-- The tables of a shop's books.
--
-- Every synced table carries: id (UUID v4), device_id (the PC that created the row, never changed),
-- created_at / updated_at (UTC, fixed width, so that text order is time order) and sync_status.
-- Tables whose descriptive columns people may edit also carry written_by: the PC that wrote the row
-- last, which decides a tie between two edits of the same microsecond.
-- Money is an integer in the currency's minor unit. 999999999999 is the largest single amount: nine
-- million such entries still add up inside SQLite's 64 bits.

-- ---------------------------------------------------------------------------------------------
-- This PC. Local, never synced. One row each.

CREATE TABLE this_pc (
    singleton  INTEGER PRIMARY KEY CHECK (singleton = 1),
    device_id  TEXT,                        -- NULL until the shop is set up
    last_at    TEXT NOT NULL,               -- timestamp of the last operation: the next one is greater
    user_id    TEXT,                        -- who is writing, while a transaction runs; else NULL
    is_merging INTEGER NOT NULL DEFAULT 0 CHECK (is_merging IN (0, 1))   -- rows arrive by sync
) STRICT;

CREATE TABLE reference_counters (           -- the last number given on this PC, gapless
    series      TEXT PRIMARY KEY CHECK (series IN ('JOB', 'RECEIPT', 'EXPENSE', 'DRAWER', 'CLOSING')),
    last_number INTEGER NOT NULL DEFAULT 0 CHECK (last_number >= 0)
) STRICT;

CREATE TABLE local_settings (               -- of this PC alone: theme, printers, folders
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE sync_state (                   -- all NULL until the owner joins a server
    singleton    INTEGER PRIMARY KEY CHECK (singleton = 1),
    server_url   TEXT,
    token        TEXT,
    shop_id      TEXT,
    pull_cursor  INTEGER NOT NULL DEFAULT 0,
    last_push_at TEXT,
    last_pull_at TEXT
) STRICT;

-- ---------------------------------------------------------------------------------------------
-- Descriptive tables: their describing columns may be edited, the newer edit wins.

CREATE TABLE devices (                      -- the shop's PCs; id = device_id
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL CHECK (device_id = id),
    code        TEXT NOT NULL CHECK (code GLOB '[A-Z0-9]*' AND code NOT GLOB '*[^A-Z0-9]*'
                                     AND length(code) BETWEEN 1 AND 6),
    name        TEXT NOT NULL DEFAULT '',
    drawer_id   TEXT NOT NULL,              -- PCs that share a cash drawer share this id
    is_active   INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT
) STRICT;

CREATE TABLE settings (                     -- of the whole shop; the rows are seeded, ids fixed
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    key         TEXT NOT NULL UNIQUE,
    value       TEXT NOT NULL,
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT
) STRICT;

CREATE TABLE users (
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    name        TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    role        TEXT NOT NULL CHECK (role IN ('OWNER', 'CASHIER')),
    secret_hash TEXT NOT NULL,              -- scrypt, with its salt and cost; never the PIN
    is_active   INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT
) STRICT;

CREATE TABLE customers (
    id           TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id    TEXT NOT NULL,
    name         TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    phone        TEXT NOT NULL DEFAULT '' CHECK (length(phone) <= 100),
    address      TEXT NOT NULL DEFAULT '' CHECK (length(address) <= 1000),
    notes        TEXT NOT NULL DEFAULT '' CHECK (length(notes) <= 10000),
    external_key TEXT CHECK (length(external_key) <= 200),   -- the old system's id, from an import
    is_active    INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at   TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at   TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by   TEXT NOT NULL,
    sync_status  TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error   TEXT
) STRICT;
CREATE INDEX customers_by_name ON customers (name COLLATE NOCASE, id);
CREATE INDEX customers_inactive ON customers (name COLLATE NOCASE, id) WHERE is_active = 0;
CREATE INDEX customers_by_external_key ON customers (external_key) WHERE external_key IS NOT NULL;

CREATE TABLE service_types (
    id            TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id     TEXT NOT NULL,
    name          TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    price_minor   INTEGER NOT NULL CHECK (price_minor BETWEEN 0 AND 999999999999),  -- proposed, not binding
    external_key  TEXT CHECK (length(external_key) <= 200),
    is_active     INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at    TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at    TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by    TEXT NOT NULL,
    sync_status   TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error    TEXT
) STRICT;

CREATE TABLE accounts (                     -- the chart of accounts; a category brings its own
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    name        TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    kind        TEXT NOT NULL CHECK (kind IN ('ASSET', 'LIABILITY', 'EQUITY', 'INCOME', 'EXPENSE')),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT
) STRICT;

CREATE TABLE expense_categories (
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    name        TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    is_active   INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT
) STRICT;

CREATE TABLE jobs (                         -- edited: work_status, due_date, notes; never the amount
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN ('SERVICE', 'OPENING')),  -- OPENING: owed from before
    customer_id      TEXT NOT NULL REFERENCES customers (id),
    service_type_id  TEXT REFERENCES service_types (id),
    description      TEXT NOT NULL CHECK (length(description) <= 1000),
    amount_minor     INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    due_date         TEXT CHECK (due_date IS date(julianday(due_date))),
    work_status      TEXT NOT NULL CHECK (work_status IN
                         ('RECEIVED', 'IN_PROGRESS', 'READY', 'DELIVERED', 'CANCELLED')),
    notes            TEXT NOT NULL DEFAULT '' CHECK (length(notes) <= 10000),
    external_key     TEXT CHECK (length(external_key) <= 200),
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by       TEXT NOT NULL,
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,
    UNIQUE (device_id, reference_number)
) STRICT;
CREATE INDEX jobs_by_customer ON jobs (customer_id, business_date, created_at);
CREATE INDEX jobs_by_date ON jobs (business_date, created_at);
CREATE INDEX jobs_open_by_due_date ON jobs (work_status, due_date)
    WHERE work_status IN ('RECEIVED', 'IN_PROGRESS', 'READY');
CREATE INDEX jobs_by_promise ON jobs (coalesce(due_date, '9999-12-31'), business_date, created_at);
CREATE INDEX jobs_cancelled_by_date ON jobs (business_date, created_at) WHERE work_status = 'CANCELLED';
CREATE INDEX jobs_by_external_key ON jobs (external_key) WHERE external_key IS NOT NULL;

-- ---------------------------------------------------------------------------------------------
-- Facts: written once. Only sync_status and sync_error ever change.
-- Where another key identifies a row (an entry its chain number, an allocation its payment), the id has no
-- index of its own: a random UUID is one more distant page to write for every row, and on an old disk to
-- seek at every checkpoint.

CREATE TABLE job_adjustments (              -- what changes a job's total after it was made
    id            TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id     TEXT NOT NULL,
    job_id        TEXT NOT NULL REFERENCES jobs (id),
    kind          TEXT NOT NULL CHECK (kind IN ('ADJUSTMENT', 'DISCOUNT', 'WRITE_OFF', 'CANCELLATION')),
    amount_minor  INTEGER NOT NULL CHECK (amount_minor <> 0
                      AND amount_minor BETWEEN -999999999999 AND 999999999999),   -- signed
    reason        TEXT NOT NULL CHECK (length(trim(reason)) BETWEEN 1 AND 1000),
    reverses_id   TEXT REFERENCES job_adjustments (id),
    business_date TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    user_id       TEXT REFERENCES users (id),
    created_at    TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at    TEXT NOT NULL CHECK (updated_at = created_at),
    sync_status   TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error    TEXT
) STRICT;
CREATE INDEX job_adjustments_by_job ON job_adjustments (job_id);
CREATE INDEX job_adjustments_by_date ON job_adjustments (business_date);
CREATE INDEX job_adjustments_by_reversed ON job_adjustments (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE TABLE payments (                     -- money between a customer and the shop, in either direction
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN
                         ('PAYMENT', 'REFUND', 'REVERSAL', 'REFUND_REVERSAL', 'OPENING')),
    method           TEXT CHECK (method IN ('CASH', 'BANK')),
    customer_id      TEXT NOT NULL REFERENCES customers (id),
    amount_minor     INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    reverses_id      TEXT REFERENCES payments (id),
    reason           TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 1000),
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    external_key     TEXT CHECK (length(external_key) <= 200),
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at = created_at),
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,
    UNIQUE (device_id, reference_number),
    CHECK ((kind IN ('REVERSAL', 'REFUND_REVERSAL')) = (reverses_id IS NOT NULL)),
    CHECK (method IS NOT NULL OR kind IN ('OPENING', 'REVERSAL'))   -- OPENING: credit from before
) STRICT;
CREATE INDEX payments_by_customer ON payments (customer_id, business_date, created_at);
CREATE INDEX payments_by_date ON payments (business_date, created_at);
CREATE INDEX payments_corrections ON payments (kind, business_date, created_at) WHERE kind <> 'PAYMENT';
CREATE INDEX payments_by_reversed ON payments (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX payments_by_external_key ON payments (external_key) WHERE external_key IS NOT NULL;

CREATE TABLE payment_allocations (          -- what a payment's money went to: a job, or back as a refund
    id           TEXT NOT NULL CHECK (length(id) = 36),
    device_id    TEXT NOT NULL,
    payment_id   TEXT NOT NULL REFERENCES payments (id),
    job_id       TEXT REFERENCES jobs (id),
    refund_id    TEXT REFERENCES payments (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0
                     AND amount_minor BETWEEN -999999999999 AND 999999999999),  -- negative: released again
    user_id      TEXT REFERENCES users (id),
    created_at   TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at   TEXT NOT NULL CHECK (updated_at = created_at),
    sync_status  TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error   TEXT,
    UNIQUE (payment_id, id),
    CHECK ((job_id IS NULL) <> (refund_id IS NULL))
) STRICT;
CREATE INDEX payment_allocations_by_job ON payment_allocations (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX payment_allocations_by_refund ON payment_allocations (refund_id) WHERE refund_id IS NOT NULL;

CREATE TABLE expenses (
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN ('EXPENSE', 'REVERSAL')),
    method           TEXT NOT NULL CHECK (method IN ('CASH', 'BANK')),
    category_id      TEXT NOT NULL REFERENCES expense_categories (id),
    description      TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
    amount_minor     INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    reverses_id      TEXT REFERENCES expenses (id),
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    external_key     TEXT CHECK (length(external_key) <= 200),
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at = created_at),
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,
    UNIQUE (device_id, reference_number),
    CHECK ((kind = 'REVERSAL') = (reverses_id IS NOT NULL))
) STRICT;
CREATE INDEX expenses_by_date ON expenses (business_date, created_at);
CREATE INDEX expenses_by_category ON expenses (category_id, business_date);
CREATE INDEX expenses_by_reversed ON expenses (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX expenses_by_external_key ON expenses (external_key) WHERE external_key IS NOT NULL;

CREATE TABLE drawer_movements (             -- cash that is neither a customer's nor an expense
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN ('FLOAT', 'PAY_IN', 'PAY_OUT', 'BANK_DEPOSIT')),
    amount_minor     INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    reason           TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 1000),
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at = created_at),
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,
    UNIQUE (device_id, reference_number)
) STRICT;
CREATE INDEX drawer_movements_by_date ON drawer_movements (business_date);

CREATE TABLE day_closings (                 -- the drawer, counted; variance = counted - expected
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL,
    drawer_id        TEXT NOT NULL,
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    expected_minor   INTEGER NOT NULL,
    counted_minor    INTEGER NOT NULL CHECK (counted_minor BETWEEN 0 AND 999999999999),
    variance_minor   INTEGER NOT NULL CHECK (variance_minor = counted_minor - expected_minor),
    denominations    TEXT CHECK (denominations IS NULL OR json_valid(denominations)),
    reason           TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 1000),
    heads            TEXT NOT NULL CHECK (json_valid(heads)),  -- PC -> chain number up to which it tells
    report           TEXT CHECK (report IS NULL OR json_valid(report)),   -- the report as it was closed
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at = created_at),
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,
    UNIQUE (device_id, reference_number)
) STRICT;
CREATE INDEX day_closings_by_date ON day_closings (business_date, created_at);

CREATE TABLE closing_addenda (              -- what arrived for a day after it was closed, as a report
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    closing_id  TEXT NOT NULL REFERENCES day_closings (id),
    number      INTEGER NOT NULL CHECK (number > 0),          -- 1, 2, 3 … of the closing
    heads       TEXT NOT NULL CHECK (json_valid(heads)),      -- PC -> chain number up to which it tells
    report      TEXT NOT NULL CHECK (json_valid(report)),
    user_id     TEXT REFERENCES users (id),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at = created_at),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT,
    UNIQUE (closing_id, device_id, number)
) STRICT;

CREATE TABLE ledger_entries (               -- one row moves one amount: it cannot be out of balance
    id                TEXT NOT NULL CHECK (length(id) = 36),
    device_id         TEXT NOT NULL,
    chain_number      INTEGER NOT NULL CHECK (chain_number > 0),          -- 1, 2, 3 … per PC
    kind              TEXT NOT NULL CHECK (kind IN (
                          'JOB', 'ADJUSTMENT', 'DISCOUNT', 'WRITE_OFF', 'CANCELLATION',
                          'PAYMENT', 'REFUND', 'PAYMENT_REVERSAL', 'REFUND_REVERSAL', 'OPENING',
                          'EXPENSE', 'EXPENSE_REVERSAL',
                          'FLOAT', 'PAY_IN', 'PAY_OUT', 'BANK_DEPOSIT', 'VARIANCE')),
    debit_account_id  TEXT NOT NULL REFERENCES accounts (id),
    credit_account_id TEXT NOT NULL REFERENCES accounts (id),
    amount_minor      INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    customer_id       TEXT REFERENCES customers (id),
    job_id            TEXT REFERENCES jobs (id),
    source_id         TEXT NOT NULL,        -- the record that caused the entry: its table follows from kind
    business_date     TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    user_id           TEXT REFERENCES users (id),
    created_at        TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    previous_hash     TEXT NOT NULL CHECK (length(previous_hash) = 64),
    hash              TEXT NOT NULL CHECK (length(hash) = 64),            -- see cleanflow/dao/chain.py
    updated_at        TEXT NOT NULL CHECK (updated_at = created_at),
    sync_status       TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error        TEXT,
    UNIQUE (device_id, chain_number),
    CHECK (debit_account_id <> credit_account_id)
) STRICT;
CREATE INDEX ledger_entries_by_date ON ledger_entries (business_date);
CREATE INDEX ledger_entries_by_customer ON ledger_entries (customer_id, business_date)
    WHERE customer_id IS NOT NULL;
CREATE INDEX ledger_entries_rare ON ledger_entries (kind, business_date)
    WHERE kind NOT IN ('JOB', 'PAYMENT', 'EXPENSE');

CREATE TABLE audit_logs (                   -- written by triggers alone
    id          TEXT NOT NULL DEFAULT (lower(
                    hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                    || '-' || substr('89AB', 1 + abs(random() % 4), 1) || substr(hex(randomblob(2)), 2)
                    || '-' || hex(randomblob(6)))),
    device_id   TEXT NOT NULL,
    user_id     TEXT,                       -- no foreign key: the first user's own row names that user
    action      TEXT NOT NULL CHECK (action IN ('INSERT', 'UPDATE', 'OVERWRITTEN')),
    table_name  TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    old_values  TEXT,                       -- JSON
    new_values  TEXT,                       -- JSON
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at = created_at),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT,
    UNIQUE (record_id, created_at, id)
) STRICT;
CREATE INDEX audit_logs_by_time ON audit_logs (created_at);

-- What has still to be pushed, in history order.
CREATE INDEX devices_unsynced ON devices (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX settings_unsynced ON settings (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX users_unsynced ON users (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX customers_unsynced ON customers (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX service_types_unsynced ON service_types (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX accounts_unsynced ON accounts (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX expense_categories_unsynced ON expense_categories (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX jobs_unsynced ON jobs (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX job_adjustments_unsynced ON job_adjustments (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX payments_unsynced ON payments (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX payment_allocations_unsynced ON payment_allocations (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX expenses_unsynced ON expenses (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX drawer_movements_unsynced ON drawer_movements (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX day_closings_unsynced ON day_closings (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX closing_addenda_unsynced ON closing_addenda (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX ledger_entries_unsynced ON ledger_entries (updated_at) WHERE sync_status <> 'SYNCED';
CREATE INDEX audit_logs_unsynced ON audit_logs (updated_at) WHERE sync_status <> 'SYNCED';

-- ---------------------------------------------------------------------------------------------
-- Derived numbers: kept by the triggers of 40_derived.sql, never synced, never audited. They live in
-- tables of their own so that keeping them cannot touch updated_at or sync_status, and so that the
-- sums come out right in whatever order the rows arrive.

CREATE TABLE customer_balances (            -- > 0: the customer owes; < 0: the customer has credit
    customer_id   TEXT PRIMARY KEY,
    balance_minor INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE job_totals (
    job_id          TEXT PRIMARY KEY,
    customer_id     TEXT,                   -- NULL until the job itself has arrived
    total_minor     INTEGER NOT NULL DEFAULT 0,
    allocated_minor INTEGER NOT NULL DEFAULT 0,
    due_minor       INTEGER AS (total_minor - allocated_minor) STORED,
    payment_status  TEXT AS (CASE WHEN total_minor <= allocated_minor THEN 'PAID'
                                  WHEN allocated_minor > 0 THEN 'PARTIAL' ELSE 'UNPAID' END) VIRTUAL
) STRICT, WITHOUT ROWID;
CREATE INDEX job_totals_due ON job_totals (customer_id) WHERE due_minor > 0;

CREATE TABLE payment_totals (               -- unallocated_minor is the customer's credit from this payment
    payment_id        TEXT PRIMARY KEY,
    customer_id       TEXT,                          -- NULL until the payment itself has arrived
    received_minor    INTEGER NOT NULL DEFAULT 0,    -- 0 again once reversed
    allocated_minor   INTEGER NOT NULL DEFAULT 0,
    unallocated_minor INTEGER AS (received_minor - allocated_minor) STORED
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_totals_unallocated ON payment_totals (customer_id) WHERE unallocated_minor <> 0;

CREATE TABLE account_days (                 -- turnover of an account on one date through one PC
    account_id    TEXT NOT NULL,
    business_date TEXT NOT NULL,
    device_id     TEXT NOT NULL,
    debit_minor   INTEGER NOT NULL DEFAULT 0,
    credit_minor  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, business_date, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE account_months (               -- the same a month (YYYY-MM): a balance long ago costs no scan of days
    account_id   TEXT NOT NULL,
    month        TEXT NOT NULL,
    device_id    TEXT NOT NULL,
    debit_minor  INTEGER NOT NULL DEFAULT 0,
    credit_minor INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, month, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE chain_heads (                  -- the last entry of each PC's hash chain
    device_id    TEXT PRIMARY KEY,
    chain_number INTEGER NOT NULL,
    hash         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Search as you type. Written by the DAO: folding accents and case needs Python, and with
-- trusted_schema=OFF a trigger may not write to a virtual table.
CREATE TABLE customer_search_texts (
    docid       INTEGER PRIMARY KEY,        -- an explicit row id, because VACUUM renumbers implicit ones
    customer_id TEXT NOT NULL UNIQUE,
    search_text TEXT NOT NULL               -- begins with the name
) STRICT;
CREATE INDEX customer_search_texts_by_text ON customer_search_texts (search_text);
CREATE VIRTUAL TABLE customer_search USING fts5 (
    search_text, content = 'customer_search_texts', content_rowid = 'docid', tokenize = 'trigram'
);
