-- Made from cleanflow/records by `python3 -m release schema`: change the declaration, not this file.

-- what a program must know before it may merge this shop's records; see records.KNOWN_FEATURES
CREATE TABLE features (
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    name        TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 100),
    description TEXT NOT NULL CHECK (length(trim(description)) BETWEEN 1 AND 1000),  -- for the owner, in words
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at = created_at),
    extra       TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT  -- the server's reason for a refusal
) STRICT;
CREATE INDEX features_unsynced ON features (updated_at) WHERE sync_status <> 'SYNCED';

-- the shop's PCs; id = device_id
CREATE TABLE devices (
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    code        TEXT NOT NULL CHECK (length(trim(code)) BETWEEN 1 AND 6),
    name        TEXT NOT NULL DEFAULT '' CHECK (length(name) <= 1000),
    drawer_id   TEXT NOT NULL,  -- PCs that share a cash drawer share this id
    is_active   INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    extra       TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT,  -- the server's reason for a refusal
    CHECK (device_id = id),
    CHECK (code NOT GLOB '*[^A-Z0-9]*')
) STRICT;
CREATE INDEX devices_unsynced ON devices (created_at) WHERE sync_status <> 'SYNCED';

-- of the whole shop; the rows are seeded, ids fixed
CREATE TABLE settings (
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    key         TEXT NOT NULL CHECK (length(trim(key)) BETWEEN 1 AND 200),
    value       TEXT NOT NULL DEFAULT '' CHECK (length(value) <= 10000),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    extra       TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT,  -- the server's reason for a refusal
    UNIQUE (key)
) STRICT;
CREATE INDEX settings_unsynced ON settings (created_at) WHERE sync_status <> 'SYNCED';

CREATE TABLE users (
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    name        TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    role        TEXT NOT NULL CHECK (role IN ('OWNER', 'CASHIER')),
    secret_hash TEXT NOT NULL CHECK (length(secret_hash) <= 1000),  -- scrypt, with its salt and cost; never the PIN
    is_active   INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    merged_into TEXT,  -- the record of the same name that is used in its place
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    extra       TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT  -- the server's reason for a refusal
) STRICT;
CREATE INDEX users_unsynced ON users (created_at) WHERE sync_status <> 'SYNCED';

CREATE TABLE customers (
    id           TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id    TEXT NOT NULL,
    name         TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    phone        TEXT NOT NULL DEFAULT '' CHECK (length(phone) <= 100),
    address      TEXT NOT NULL DEFAULT '' CHECK (length(address) <= 1000),
    notes        TEXT NOT NULL DEFAULT '' CHECK (length(notes) <= 10000),
    external_key TEXT CHECK (length(external_key) <= 200),  -- of an import
    is_active    INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at   TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at   TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by   TEXT NOT NULL,
    extra        TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status  TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error   TEXT  -- the server's reason for a refusal
) STRICT;
CREATE INDEX customers_unsynced ON customers (created_at) WHERE sync_status <> 'SYNCED';

CREATE TABLE service_types (
    id           TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id    TEXT NOT NULL,
    name         TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    price_minor  INTEGER NOT NULL CHECK (price_minor BETWEEN 0 AND 999999999999),  -- proposed, not binding
    external_key TEXT CHECK (length(external_key) <= 200),  -- of an import
    is_active    INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    merged_into  TEXT,  -- the record of the same name that is used in its place
    created_at   TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at   TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by   TEXT NOT NULL,
    extra        TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status  TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error   TEXT  -- the server's reason for a refusal
) STRICT;
CREATE INDEX service_types_unsynced ON service_types (created_at) WHERE sync_status <> 'SYNCED';

-- the chart of accounts; a category brings its own
CREATE TABLE accounts (
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    name        TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    kind        TEXT NOT NULL CHECK (kind IN ('ASSET', 'LIABILITY', 'EQUITY', 'INCOME', 'EXPENSE')),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    extra       TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT  -- the server's reason for a refusal
) STRICT;
CREATE INDEX accounts_unsynced ON accounts (created_at) WHERE sync_status <> 'SYNCED';

CREATE TABLE expense_categories (
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    name        TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    is_active   INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    merged_into TEXT,  -- the record of the same name that is used in its place
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by  TEXT NOT NULL,
    extra       TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT  -- the server's reason for a refusal
) STRICT;
CREATE INDEX expense_categories_unsynced ON expense_categories (created_at) WHERE sync_status <> 'SYNCED';

-- work_status, due_date and notes are edited, never the amount
CREATE TABLE jobs (
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL DEFAULT '' CHECK (length(reference) <= 100),
    kind             TEXT NOT NULL CHECK (kind IN ('SERVICE', 'OPENING')),  -- OPENING: owed from before
    customer_id      TEXT NOT NULL REFERENCES customers (id),
    service_type_id  TEXT REFERENCES service_types (id),
    description      TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
    amount_minor     INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    list_price_minor INTEGER CHECK (list_price_minor BETWEEN 1 AND 999999999999),  -- of its service at that time
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    due_date         TEXT CHECK (due_date IS date(julianday(due_date))),
    work_status      TEXT NOT NULL CHECK (work_status IN ('RECEIVED', 'IN_PROGRESS', 'READY', 'DELIVERED', 'CANCELLED')),
    notes            TEXT NOT NULL DEFAULT '' CHECK (length(notes) <= 10000),
    external_key     TEXT CHECK (length(external_key) <= 200),  -- of an import
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at GLOB '????-??-??T??:??:??.??????Z'),
    written_by       TEXT NOT NULL,
    extra            TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,  -- the server's reason for a refusal
    UNIQUE (device_id, reference_number)
) STRICT;
CREATE INDEX jobs_unsynced ON jobs (created_at) WHERE sync_status <> 'SYNCED';

-- what changes a job's total after it was made
CREATE TABLE job_adjustments (
    id            TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id     TEXT NOT NULL,
    job_id        TEXT NOT NULL REFERENCES jobs (id),
    kind          TEXT NOT NULL CHECK (kind IN ('ADJUSTMENT', 'DISCOUNT', 'WRITE_OFF', 'CANCELLATION')),
    amount_minor  INTEGER NOT NULL CHECK (amount_minor BETWEEN -999999999999 AND 999999999999),  -- signed
    reason        TEXT NOT NULL CHECK (length(trim(reason)) BETWEEN 1 AND 1000),
    reverses_id   TEXT REFERENCES job_adjustments (id),
    business_date TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    user_id       TEXT REFERENCES users (id),
    created_at    TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at    TEXT NOT NULL CHECK (updated_at = created_at),
    extra         TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status   TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error    TEXT,  -- the server's reason for a refusal
    CHECK (amount_minor <> 0)
) STRICT;
CREATE INDEX job_adjustments_unsynced ON job_adjustments (updated_at) WHERE sync_status <> 'SYNCED';

-- money between a customer and the shop, in either direction
CREATE TABLE payments (
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL DEFAULT '' CHECK (length(reference) <= 100),
    kind             TEXT NOT NULL CHECK (kind IN ('PAYMENT', 'REFUND', 'REVERSAL', 'REFUND_REVERSAL', 'OPENING')),  -- OPENING: credit from before
    method           TEXT CHECK (method IN ('CASH', 'BANK')),
    customer_id      TEXT NOT NULL REFERENCES customers (id),
    amount_minor     INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    reverses_id      TEXT REFERENCES payments (id),
    reason           TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 1000),
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    external_key     TEXT CHECK (length(external_key) <= 200),  -- of an import
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at = created_at),
    extra            TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,  -- the server's reason for a refusal
    UNIQUE (device_id, reference_number),
    CHECK ((kind IN ('REVERSAL', 'REFUND_REVERSAL')) = (reverses_id IS NOT NULL)),
    CHECK (method IS NOT NULL OR kind IN ('OPENING', 'REVERSAL'))
) STRICT;
CREATE INDEX payments_unsynced ON payments (updated_at) WHERE sync_status <> 'SYNCED';

-- what a payment's money went to: a job, or back as a refund
CREATE TABLE payment_allocations (
    id           TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id    TEXT NOT NULL,
    payment_id   TEXT NOT NULL REFERENCES payments (id),
    job_id       TEXT REFERENCES jobs (id),
    refund_id    TEXT REFERENCES payments (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor BETWEEN -999999999999 AND 999999999999),  -- negative: released again
    user_id      TEXT REFERENCES users (id),
    created_at   TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at   TEXT NOT NULL CHECK (updated_at = created_at),
    extra        TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status  TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error   TEXT,  -- the server's reason for a refusal
    CHECK (amount_minor <> 0),
    CHECK ((job_id IS NULL) <> (refund_id IS NULL))
) STRICT;
CREATE INDEX payment_allocations_unsynced ON payment_allocations (updated_at) WHERE sync_status <> 'SYNCED';

CREATE TABLE expenses (
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL DEFAULT '' CHECK (length(reference) <= 100),
    kind             TEXT NOT NULL CHECK (kind IN ('EXPENSE', 'REVERSAL')),
    method           TEXT NOT NULL CHECK (method IN ('CASH', 'BANK')),
    category_id      TEXT NOT NULL REFERENCES expense_categories (id),
    description      TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
    amount_minor     INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    reverses_id      TEXT REFERENCES expenses (id),
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    external_key     TEXT CHECK (length(external_key) <= 200),  -- of an import
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at = created_at),
    extra            TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,  -- the server's reason for a refusal
    UNIQUE (device_id, reference_number),
    CHECK ((kind IN ('REVERSAL')) = (reverses_id IS NOT NULL))
) STRICT;
CREATE INDEX expenses_unsynced ON expenses (updated_at) WHERE sync_status <> 'SYNCED';

-- cash that is neither a customer's nor an expense
CREATE TABLE drawer_movements (
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL DEFAULT '' CHECK (length(reference) <= 100),
    kind             TEXT NOT NULL CHECK (kind IN ('FLOAT', 'PAY_IN', 'PAY_OUT', 'BANK_DEPOSIT')),
    amount_minor     INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    reason           TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 1000),
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at = created_at),
    extra            TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,  -- the server's reason for a refusal
    UNIQUE (device_id, reference_number)
) STRICT;
CREATE INDEX drawer_movements_unsynced ON drawer_movements (updated_at) WHERE sync_status <> 'SYNCED';

-- the drawer, counted; variance = counted - expected
CREATE TABLE day_closings (
    id               TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id        TEXT NOT NULL,
    reference_number INTEGER NOT NULL CHECK (reference_number > 0),
    reference        TEXT NOT NULL DEFAULT '' CHECK (length(reference) <= 100),
    drawer_id        TEXT NOT NULL,
    business_date    TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    expected_minor   INTEGER NOT NULL CHECK (expected_minor BETWEEN -999999999999999 AND 999999999999999),
    counted_minor    INTEGER NOT NULL CHECK (counted_minor BETWEEN 0 AND 999999999999),
    variance_minor   INTEGER NOT NULL CHECK (variance_minor BETWEEN -999999999999999 AND 999999999999999),
    denominations    TEXT CHECK (denominations IS NULL OR json_valid(denominations)),
    reason           TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 1000),
    heads            TEXT NOT NULL CHECK (json_valid(heads)),  -- PC -> chain number up to which it tells
    report           TEXT CHECK (report IS NULL OR json_valid(report)),  -- the report as it was closed
    user_id          TEXT REFERENCES users (id),
    created_at       TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at       TEXT NOT NULL CHECK (updated_at = created_at),
    extra            TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status      TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error       TEXT,  -- the server's reason for a refusal
    UNIQUE (device_id, reference_number),
    CHECK (variance_minor = counted_minor - expected_minor)
) STRICT;
CREATE INDEX day_closings_unsynced ON day_closings (updated_at) WHERE sync_status <> 'SYNCED';

-- what arrived for a day after it was closed, as a report
CREATE TABLE closing_addenda (
    id          TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    closing_id  TEXT NOT NULL REFERENCES day_closings (id),
    number      INTEGER NOT NULL CHECK (number > 0),  -- 1, 2, 3 … of the closing
    heads       TEXT NOT NULL CHECK (json_valid(heads)),  -- PC -> chain number up to which it tells
    report      TEXT NOT NULL CHECK (json_valid(report)),
    user_id     TEXT REFERENCES users (id),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at = created_at),
    extra       TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT,  -- the server's reason for a refusal
    UNIQUE (closing_id, device_id, number)
) STRICT;
CREATE INDEX closing_addenda_unsynced ON closing_addenda (updated_at) WHERE sync_status <> 'SYNCED';

-- one row moves one amount: it cannot be out of balance
CREATE TABLE ledger_entries (
    id                TEXT PRIMARY KEY CHECK (length(id) = 36),
    device_id         TEXT NOT NULL,
    chain_number      INTEGER NOT NULL CHECK (chain_number > 0),  -- 1, 2, 3 … per PC
    kind              TEXT NOT NULL CHECK (length(trim(kind)) BETWEEN 1 AND 40),  -- open: the accounts carry the meaning
    debit_account_id  TEXT NOT NULL REFERENCES accounts (id),
    credit_account_id TEXT NOT NULL REFERENCES accounts (id),
    amount_minor      INTEGER NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999),
    customer_id       TEXT REFERENCES customers (id),
    job_id            TEXT REFERENCES jobs (id),
    source_id         TEXT NOT NULL,  -- the record that caused the entry
    business_date     TEXT NOT NULL CHECK (business_date IS date(julianday(business_date))),
    user_id           TEXT REFERENCES users (id),
    previous_hash     TEXT NOT NULL CHECK (length(previous_hash) = 64),
    hash              TEXT NOT NULL CHECK (length(hash) = 64),  -- see cleanflow/records/chain.py
    created_at        TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at        TEXT NOT NULL CHECK (updated_at = created_at),
    extra             TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status       TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error        TEXT,  -- the server's reason for a refusal
    UNIQUE (device_id, chain_number),
    CHECK (debit_account_id <> credit_account_id)
) STRICT;
CREATE INDEX ledger_entries_unsynced ON ledger_entries (updated_at) WHERE sync_status <> 'SYNCED';

-- written by triggers alone
CREATE TABLE audit_logs (
    id          TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89AB', 1 + abs(random() % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) CHECK (length(id) = 36),
    device_id   TEXT NOT NULL,
    user_id     TEXT,  -- NULL: the device's own act
    action      TEXT NOT NULL CHECK (action IN ('INSERT', 'UPDATE', 'OVERWRITTEN')),
    table_name  TEXT NOT NULL CHECK (length(trim(table_name)) BETWEEN 1 AND 200),
    record_id   TEXT NOT NULL CHECK (length(trim(record_id)) BETWEEN 1 AND 200),
    old_value   TEXT CHECK (old_value IS NULL OR json_valid(old_value)),
    new_value   TEXT CHECK (new_value IS NULL OR json_valid(new_value)),
    created_at  TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    updated_at  TEXT NOT NULL CHECK (updated_at = created_at),
    extra       TEXT CHECK (extra IS NULL OR (json_valid(extra) AND json_type(extra) = 'object' AND length(extra) <= 10000)),
    sync_status TEXT NOT NULL DEFAULT 'PENDING' CHECK (sync_status IN ('PENDING', 'SYNCED', 'FAILED')),
    sync_error  TEXT  -- the server's reason for a refusal
) STRICT;
CREATE INDEX audit_logs_unsynced ON audit_logs (updated_at) WHERE sync_status <> 'SYNCED';
