-- Derived numbers: kept by the triggers below, never synchronised, never audited. They have tables of their own,
-- so that updating them does not touch updated_at or sync_status, and the sums are right in whatever order the
-- rows arrive.

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
    received_minor    INTEGER NOT NULL DEFAULT 0,    -- 0 after a reversal
    allocated_minor   INTEGER NOT NULL DEFAULT 0,
    unallocated_minor INTEGER AS (received_minor - allocated_minor) STORED
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_totals_unallocated ON payment_totals (customer_id) WHERE unallocated_minor <> 0;

CREATE TABLE account_days (                 -- turnover of an account per date and PC
    account_id    TEXT NOT NULL,
    business_date TEXT NOT NULL,
    device_id     TEXT NOT NULL,
    debit_minor   INTEGER NOT NULL DEFAULT 0,
    credit_minor  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, business_date, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE account_months (               -- turnover per month (YYYY-MM): makes a balance of long ago cheap
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

-- Search as you type. Written by db/search_index.py: folding accents and case needs Python, and with
-- trusted_schema=OFF a trigger may not write to a virtual table.
CREATE TABLE customer_search_texts (
    docid       INTEGER PRIMARY KEY,        -- an explicit row id, because VACUUM renumbers implicit ones
    customer_id TEXT NOT NULL UNIQUE,
    search_text TEXT NOT NULL               -- starts with the name
) STRICT;
CREATE INDEX customer_search_texts_by_text ON customer_search_texts (search_text);
CREATE VIRTUAL TABLE customer_search USING fts5 (
    search_text, content = 'customer_search_texts', content_rowid = 'docid', tokenize = 'trigram'
);

-- These sums show what two PCs did twice while offline; the partial indexes are nearly empty.
CREATE INDEX job_totals_below_zero ON job_totals (job_id) WHERE total_minor < 0;
CREATE INDEX payment_totals_below_zero ON payment_totals (payment_id) WHERE received_minor < 0;
CREATE INDEX payment_totals_overspent ON payment_totals (payment_id) WHERE unallocated_minor < 0;

-- Triggers that add each fact to the derived numbers. Every step adds to an upserted row, so the order in which
-- facts arrive does not matter, and none touches a synchronised row.

CREATE TRIGGER ledger_entries_after_insert_derived AFTER INSERT ON ledger_entries
BEGIN
    INSERT INTO account_days (account_id, business_date, device_id, debit_minor)
    VALUES (NEW.debit_account_id, NEW.business_date, NEW.device_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET debit_minor = debit_minor + excluded.debit_minor;

    INSERT INTO account_days (account_id, business_date, device_id, credit_minor)
    VALUES (NEW.credit_account_id, NEW.business_date, NEW.device_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET credit_minor = credit_minor + excluded.credit_minor;

    INSERT INTO account_months (account_id, month, device_id, debit_minor)
    VALUES (NEW.debit_account_id, substr(NEW.business_date, 1, 7), NEW.device_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET debit_minor = debit_minor + excluded.debit_minor;

    INSERT INTO account_months (account_id, month, device_id, credit_minor)
    VALUES (NEW.credit_account_id, substr(NEW.business_date, 1, 7), NEW.device_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET credit_minor = credit_minor + excluded.credit_minor;

    INSERT INTO chain_heads (device_id, chain_number, hash)
    VALUES (NEW.device_id, NEW.chain_number, NEW.hash)
    ON CONFLICT DO UPDATE SET chain_number = excluded.chain_number, hash = excluded.hash
     WHERE excluded.chain_number > chain_number;
END;

-- When an unsent entry of a former identity is reissued (sync/repair/reissue.py), its turnover moves with it.
CREATE TRIGGER ledger_entries_after_update_derived AFTER UPDATE OF device_id ON ledger_entries
WHEN NEW.device_id <> OLD.device_id
BEGIN
    UPDATE account_days SET debit_minor = debit_minor - OLD.amount_minor
     WHERE (account_id, business_date, device_id) = (OLD.debit_account_id, OLD.business_date, OLD.device_id);
    UPDATE account_days SET credit_minor = credit_minor - OLD.amount_minor
     WHERE (account_id, business_date, device_id) = (OLD.credit_account_id, OLD.business_date, OLD.device_id);
    UPDATE account_months SET debit_minor = debit_minor - OLD.amount_minor
     WHERE (account_id, month, device_id) = (OLD.debit_account_id, substr(OLD.business_date, 1, 7), OLD.device_id);
    UPDATE account_months SET credit_minor = credit_minor - OLD.amount_minor
     WHERE (account_id, month, device_id) = (OLD.credit_account_id, substr(OLD.business_date, 1, 7), OLD.device_id);
    DELETE FROM account_days WHERE debit_minor = 0 AND credit_minor = 0 AND device_id = OLD.device_id
       AND business_date = OLD.business_date AND account_id IN (OLD.debit_account_id, OLD.credit_account_id);
    DELETE FROM account_months WHERE debit_minor = 0 AND credit_minor = 0 AND device_id = OLD.device_id
       AND month = substr(OLD.business_date, 1, 7) AND account_id IN (OLD.debit_account_id, OLD.credit_account_id);

    INSERT INTO account_days (account_id, business_date, device_id, debit_minor)
    VALUES (NEW.debit_account_id, NEW.business_date, NEW.device_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET debit_minor = debit_minor + excluded.debit_minor;
    INSERT INTO account_days (account_id, business_date, device_id, credit_minor)
    VALUES (NEW.credit_account_id, NEW.business_date, NEW.device_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET credit_minor = credit_minor + excluded.credit_minor;
    INSERT INTO account_months (account_id, month, device_id, debit_minor)
    VALUES (NEW.debit_account_id, substr(NEW.business_date, 1, 7), NEW.device_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET debit_minor = debit_minor + excluded.debit_minor;
    INSERT INTO account_months (account_id, month, device_id, credit_minor)
    VALUES (NEW.credit_account_id, substr(NEW.business_date, 1, 7), NEW.device_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET credit_minor = credit_minor + excluded.credit_minor;

    DELETE FROM chain_heads WHERE device_id = OLD.device_id;
    INSERT INTO chain_heads (device_id, chain_number, hash)
    SELECT device_id, chain_number, hash FROM ledger_entries
     WHERE device_id = OLD.device_id ORDER BY chain_number DESC LIMIT 1;
    INSERT INTO chain_heads (device_id, chain_number, hash)
    VALUES (NEW.device_id, NEW.chain_number, NEW.hash)
    ON CONFLICT DO UPDATE SET chain_number = excluded.chain_number, hash = excluded.hash
     WHERE excluded.chain_number > chain_number;
END;

-- 00000000-0000-4000-8000-000000001200 is accounts receivable.
CREATE TRIGGER ledger_entries_after_insert_balance AFTER INSERT ON ledger_entries
WHEN NEW.customer_id IS NOT NULL
BEGIN
    INSERT INTO customer_balances (customer_id, balance_minor)
    VALUES (NEW.customer_id,
            CASE '00000000-0000-4000-8000-000000001200'
                 WHEN NEW.debit_account_id  THEN NEW.amount_minor
                 WHEN NEW.credit_account_id THEN -NEW.amount_minor
                 ELSE 0 END)
    ON CONFLICT DO UPDATE SET balance_minor = balance_minor + excluded.balance_minor;
END;

CREATE TRIGGER jobs_after_insert_total AFTER INSERT ON jobs
BEGIN
    INSERT INTO job_totals (job_id, customer_id, total_minor) VALUES (NEW.id, NEW.customer_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET total_minor = total_minor + excluded.total_minor, customer_id = NEW.customer_id;
END;

CREATE TRIGGER job_adjustments_after_insert_total AFTER INSERT ON job_adjustments
BEGIN
    INSERT INTO job_totals (job_id, total_minor) VALUES (NEW.job_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET total_minor = total_minor + excluded.total_minor;
END;

CREATE TRIGGER payments_after_insert_total AFTER INSERT ON payments
WHEN NEW.kind IN ('PAYMENT', 'OPENING')
BEGIN
    INSERT INTO payment_totals (payment_id, customer_id, received_minor)
    VALUES (NEW.id, NEW.customer_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET received_minor = received_minor + excluded.received_minor,
                              customer_id = NEW.customer_id;
END;

-- Reversing a payment removes its money. (Reversing a refund releases the refund's allocations.)
CREATE TRIGGER payments_after_insert_reversal AFTER INSERT ON payments
WHEN NEW.kind = 'REVERSAL'
BEGIN
    INSERT INTO payment_totals (payment_id, received_minor) VALUES (NEW.reverses_id, -NEW.amount_minor)
    ON CONFLICT DO UPDATE SET received_minor = received_minor + excluded.received_minor;
END;

CREATE TRIGGER payment_allocations_after_insert_payment AFTER INSERT ON payment_allocations
BEGIN
    INSERT INTO payment_totals (payment_id, allocated_minor) VALUES (NEW.payment_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET allocated_minor = allocated_minor + excluded.allocated_minor;
END;

CREATE TRIGGER payment_allocations_after_insert_job AFTER INSERT ON payment_allocations
WHEN NEW.job_id IS NOT NULL
BEGIN
    INSERT INTO job_totals (job_id, allocated_minor) VALUES (NEW.job_id, NEW.amount_minor)
    ON CONFLICT DO UPDATE SET allocated_minor = allocated_minor + excluded.allocated_minor;
END;
