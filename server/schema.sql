-- The books of one shop on the server: run with search_path set to the shop's own schema.
--
-- The server stores and hands on. It holds the tables of the local schema (sql/) with these additions:
--   change_seq   the push that wrote the row last; all rows of one push carry one
--   last_writer  the PC that pushed it: a PC pulls what others wrote last, not its own echo
--
-- Decided here:
-- * No foreign keys. Rows arrive in each PC's history order, but a parent that was edited later arrives
--   later, maybe after its children; the PCs let the children wait. Types, lengths, ranges, ownership and
--   chains are checked instead (cleanflow.sync.protocol, store.py, and the CHECKs below).
-- * Money is DECIMAL(15) in minor units, as on the wire and on the PCs: what a unit is worth is a setting,
--   which is itself a row that arrives. Divide by 10 ^ decimals to show it.
-- * JSON, not JSONB, for what PCs wrote: a fact is handed on byte for byte, and JSONB would reorder it and
--   refuses \u0000. What the server itself writes is JSONB.
-- * id and device_id are UUID; their order is that of their text. Every PC has its own ids, so one id under
--   two PCs is an alarm, although the key would let both in.
-- The names of constraints are the codes that a refused row is answered with.

CREATE TABLE schema_version (               -- one row: how many steps of store.STEPS this schema has had
    singleton BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (singleton),
    version   INTEGER NOT NULL,
    at        TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE synced_tables (                -- what follows, for the templates below; held against TABLES by a test
    name          TEXT PRIMARY KEY,
    function_name TEXT NOT NULL,
    editable      TEXT[] NOT NULL,          -- columns that may change; none: facts, written once
    records       BIGINT NOT NULL DEFAULT 0 -- how many rows PCs have made: nothing is deleted, so it only grows
);

-- ---------------------------------------------------------------------------------------------
-- The feed, and who synchronised when.

CREATE TABLE pushes (                       -- the feed: one row a push that brought something new
    change_seq BIGINT PRIMARY KEY,          -- microseconds since 1970, or one more than the last: see begin_push()
    device_id  UUID NOT NULL,
    record_count  INTEGER NOT NULL,
    byte_count BIGINT NOT NULL,
    tables     TEXT[] NOT NULL
);

CREATE TABLE sync_operations (              -- every attempt to push, and every pull that brought something
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id   UUID NOT NULL,
    direction   TEXT NOT NULL CHECK (direction IN ('PUSH', 'PULL')),
    table_name  TEXT NOT NULL,              -- '' when the whole attempt failed
    change_seq  BIGINT,
    record_count   INTEGER NOT NULL,
    stored      INTEGER NOT NULL DEFAULT 0, -- corrected ones too
    already     INTEGER NOT NULL DEFAULT 0,
    superseded  INTEGER NOT NULL DEFAULT 0,
    refused     INTEGER NOT NULL DEFAULT 0,
    conflicts   INTEGER NOT NULL DEFAULT 0,
    outcome     TEXT NOT NULL CHECK (outcome IN ('DONE', 'PARTLY', 'ALARM', 'FAILED')),
    problems    JSONB,                      -- [{"id", "reason"}], the first hundred
    error       TEXT,
    duration_ms DOUBLE PRECISION NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX sync_operations_by_device ON sync_operations (device_id, finished_at);
CREATE INDEX sync_operations_by_time ON sync_operations (finished_at);
CREATE INDEX sync_operations_troubled ON sync_operations (finished_at) WHERE outcome <> 'DONE';

CREATE TABLE last_syncs (                   -- one row a PC
    device_id  UUID PRIMARY KEY,
    pushed_at  TIMESTAMPTZ,
    pulled_at  TIMESTAMPTZ,
    pulled_seq BIGINT NOT NULL DEFAULT 0,   -- it has all that others wrote up to here: it asked for what follows
    push_mark  TEXT                         -- of its last push that brought something new: a PC notes its marks before
                                            -- it uses them, so one that it does not know tells it that somebody else
                                            -- writes in its name, and one that is not its newest that this database was
                                            -- restored
);

CREATE TABLE capped_writes (                -- edits from a clock that was ahead, and the time they were given
    table_name TEXT NOT NULL,               -- so that the same edit, sent again, gets the same time again
    id         UUID NOT NULL,
    written_by UUID NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    written_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (table_name, id, written_by, claimed_at)
);

-- ---------------------------------------------------------------------------------------------
-- The synchronised records. Of those with editable columns the newer edit wins; the others are facts.

-- >>> made from cleanflow/records by `python3 -m release schema`
INSERT INTO synced_tables (name, function_name, editable) VALUES
    ('features', 'sync_feature', '{}'),
    ('devices', 'sync_device', '{code,name,drawer_id,is_active,extra}'),
    ('settings', 'sync_setting', '{value,extra}'),
    ('users', 'sync_user', '{name,role,secret_hash,is_active,merged_into,extra}'),
    ('customers', 'sync_customer', '{name,phone,address,notes,is_active,extra}'),
    ('service_types', 'sync_service_type', '{name,price_minor,is_active,merged_into,extra}'),
    ('accounts', 'sync_account', '{name,extra}'),
    ('expense_categories', 'sync_expense_category', '{name,is_active,merged_into,extra}'),
    ('jobs', 'sync_job', '{due_date,work_status,notes,extra}'),
    ('job_adjustments', 'sync_job_adjustment', '{}'),
    ('payments', 'sync_payment', '{}'),
    ('payment_allocations', 'sync_payment_allocation', '{}'),
    ('expenses', 'sync_expense', '{}'),
    ('drawer_movements', 'sync_drawer_movement', '{}'),
    ('day_closings', 'sync_day_closing', '{}'),
    ('closing_addenda', 'sync_closing_addendum', '{}'),
    ('ledger_entries', 'sync_ledger_entry', '{}'),
    ('audit_logs', 'sync_audit_log', '{}');

CREATE TABLE features (
    id UUID NOT NULL, device_id UUID NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, extra JSON, change_seq BIGINT
    NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);

CREATE TABLE devices (
    id UUID NOT NULL, device_id UUID NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, drawer_id
    UUID NOT NULL, is_active BOOLEAN NOT NULL, created_at TIMESTAMPTZ NOT NULL, updated_at
    TIMESTAMPTZ NOT NULL, written_by UUID NOT NULL, extra JSON, change_seq BIGINT NOT NULL,
    last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT device_of_another CHECK (device_id = id),
    CONSTRAINT code_invalid CHECK (code ~ '^[A-Z0-9]{1,6}$')
);

CREATE TABLE settings (
    id UUID NOT NULL, device_id UUID NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, created_at
    TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, written_by UUID NOT NULL, extra JSON,
    change_seq BIGINT NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT setting_exists UNIQUE (key)
);

CREATE TABLE users (
    id UUID NOT NULL, device_id UUID NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, secret_hash
    TEXT NOT NULL, is_active BOOLEAN NOT NULL, merged_into UUID, created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL, written_by UUID NOT NULL, extra JSON, change_seq BIGINT NOT
    NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id)
);

CREATE TABLE customers (
    id UUID NOT NULL, device_id UUID NOT NULL, name TEXT NOT NULL, phone TEXT NOT NULL, address TEXT
    NOT NULL, notes TEXT NOT NULL, external_key TEXT, is_active BOOLEAN NOT NULL, created_at
    TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, written_by UUID NOT NULL, extra JSON,
    change_seq BIGINT NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id)
);

CREATE TABLE service_types (
    id UUID NOT NULL, device_id UUID NOT NULL, name TEXT NOT NULL, price_minor DECIMAL(15) NOT NULL,
    external_key TEXT, is_active BOOLEAN NOT NULL, merged_into UUID, created_at TIMESTAMPTZ NOT
    NULL, updated_at TIMESTAMPTZ NOT NULL, written_by UUID NOT NULL, extra JSON, change_seq BIGINT
    NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT amount_out_of_range CHECK (price_minor BETWEEN 0 AND 999999999999)
);

CREATE TABLE accounts (
    id UUID NOT NULL, device_id UUID NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, created_at
    TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, written_by UUID NOT NULL, extra JSON,
    change_seq BIGINT NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id)
);

CREATE TABLE expense_categories (
    id UUID NOT NULL, device_id UUID NOT NULL, name TEXT NOT NULL, account_id UUID NOT NULL,
    is_active BOOLEAN NOT NULL, merged_into UUID, created_at TIMESTAMPTZ NOT NULL, updated_at
    TIMESTAMPTZ NOT NULL, written_by UUID NOT NULL, extra JSON, change_seq BIGINT NOT NULL,
    last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id)
);

CREATE TABLE jobs (
    id UUID NOT NULL, device_id UUID NOT NULL, reference_number BIGINT NOT NULL, reference TEXT NOT
    NULL, kind TEXT NOT NULL, customer_id UUID NOT NULL, service_type_id UUID, description TEXT NOT
    NULL, amount_minor DECIMAL(15) NOT NULL, list_price_minor DECIMAL(15), business_date DATE NOT
    NULL, due_date DATE, work_status TEXT NOT NULL, notes TEXT NOT NULL, external_key TEXT, user_id
    UUID, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, written_by UUID NOT
    NULL, extra JSON, change_seq BIGINT NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT job_reference_taken UNIQUE (device_id, reference_number),
    CONSTRAINT amount_out_of_range CHECK ((amount_minor BETWEEN 1 AND 999999999999) AND (list_price_minor BETWEEN 1 AND 999999999999))
);
CREATE INDEX jobs_by_date ON jobs (business_date);

CREATE TABLE job_adjustments (
    id UUID NOT NULL, device_id UUID NOT NULL, job_id UUID NOT NULL, kind TEXT NOT NULL,
    amount_minor DECIMAL(15) NOT NULL, reason TEXT NOT NULL, reverses_id UUID, business_date DATE
    NOT NULL, user_id UUID, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, extra
    JSON, change_seq BIGINT NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT amount_out_of_range CHECK ((amount_minor BETWEEN -999999999999 AND 999999999999) AND (amount_minor <> 0)),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);
CREATE INDEX job_adjustments_by_date ON job_adjustments (business_date);

CREATE TABLE payments (
    id UUID NOT NULL, device_id UUID NOT NULL, reference_number BIGINT NOT NULL, reference TEXT NOT
    NULL, kind TEXT NOT NULL, method TEXT, customer_id UUID NOT NULL, amount_minor DECIMAL(15) NOT
    NULL, reverses_id UUID, reason TEXT NOT NULL, business_date DATE NOT NULL, external_key TEXT,
    user_id UUID, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, extra JSON,
    change_seq BIGINT NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT receipt_reference_taken UNIQUE (device_id, reference_number),
    CONSTRAINT amount_out_of_range CHECK (amount_minor BETWEEN 1 AND 999999999999),
    CONSTRAINT reversal_incomplete CHECK ((kind IN ('REVERSAL', 'REFUND_REVERSAL')) = (reverses_id IS NOT NULL)),
    CONSTRAINT method_missing CHECK (method IS NOT NULL OR kind IN ('OPENING', 'REVERSAL')),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);
CREATE INDEX payments_by_date ON payments (business_date);

CREATE TABLE payment_allocations (
    id UUID NOT NULL, device_id UUID NOT NULL, payment_id UUID NOT NULL, job_id UUID, refund_id
    UUID, amount_minor DECIMAL(15) NOT NULL, user_id UUID, created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL, extra JSON, change_seq BIGINT NOT NULL, last_writer UUID NOT
    NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT amount_out_of_range CHECK ((amount_minor BETWEEN -999999999999 AND 999999999999) AND (amount_minor <> 0)),
    CONSTRAINT allocation_target CHECK ((job_id IS NULL) <> (refund_id IS NULL)),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);

CREATE TABLE expenses (
    id UUID NOT NULL, device_id UUID NOT NULL, reference_number BIGINT NOT NULL, reference TEXT NOT
    NULL, kind TEXT NOT NULL, method TEXT NOT NULL, category_id UUID NOT NULL, description TEXT NOT
    NULL, amount_minor DECIMAL(15) NOT NULL, reverses_id UUID, business_date DATE NOT NULL,
    external_key TEXT, user_id UUID, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT
    NULL, extra JSON, change_seq BIGINT NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT expense_reference_taken UNIQUE (device_id, reference_number),
    CONSTRAINT amount_out_of_range CHECK (amount_minor BETWEEN 1 AND 999999999999),
    CONSTRAINT reversal_incomplete CHECK ((kind IN ('REVERSAL')) = (reverses_id IS NOT NULL)),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);
CREATE INDEX expenses_by_date ON expenses (business_date);

CREATE TABLE drawer_movements (
    id UUID NOT NULL, device_id UUID NOT NULL, reference_number BIGINT NOT NULL, reference TEXT NOT
    NULL, kind TEXT NOT NULL, amount_minor DECIMAL(15) NOT NULL, reason TEXT NOT NULL, business_date
    DATE NOT NULL, user_id UUID, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL,
    extra JSON, change_seq BIGINT NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT drawer_reference_taken UNIQUE (device_id, reference_number),
    CONSTRAINT amount_out_of_range CHECK (amount_minor BETWEEN 1 AND 999999999999),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);
CREATE INDEX drawer_movements_by_date ON drawer_movements (business_date);

CREATE TABLE day_closings (
    id UUID NOT NULL, device_id UUID NOT NULL, reference_number BIGINT NOT NULL, reference TEXT NOT
    NULL, drawer_id UUID NOT NULL, business_date DATE NOT NULL, expected_minor DECIMAL(15) NOT NULL,
    counted_minor DECIMAL(15) NOT NULL, variance_minor DECIMAL(15) NOT NULL, denominations JSON,
    reason TEXT NOT NULL, heads JSON NOT NULL, report JSON, user_id UUID, created_at TIMESTAMPTZ NOT
    NULL, updated_at TIMESTAMPTZ NOT NULL, extra JSON, change_seq BIGINT NOT NULL, last_writer UUID
    NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT closing_reference_taken UNIQUE (device_id, reference_number),
    CONSTRAINT amount_out_of_range CHECK ((expected_minor BETWEEN -999999999999999 AND 999999999999999) AND (counted_minor BETWEEN 0 AND 999999999999) AND (variance_minor BETWEEN -999999999999999 AND 999999999999999)),
    CONSTRAINT variance_wrong CHECK (variance_minor = counted_minor - expected_minor),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);
CREATE INDEX day_closings_by_date ON day_closings (business_date);

CREATE TABLE closing_addenda (
    id UUID NOT NULL, device_id UUID NOT NULL, closing_id UUID NOT NULL, number BIGINT NOT NULL,
    heads JSON NOT NULL, report JSON NOT NULL, user_id UUID, created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL, extra JSON, change_seq BIGINT NOT NULL, last_writer UUID NOT
    NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT addendum_number_taken UNIQUE (closing_id, device_id, number),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);

CREATE TABLE ledger_entries (
    id UUID NOT NULL, device_id UUID NOT NULL, chain_number BIGINT NOT NULL, kind TEXT NOT NULL,
    debit_account_id UUID NOT NULL, credit_account_id UUID NOT NULL, amount_minor DECIMAL(15) NOT
    NULL, customer_id UUID, job_id UUID, source_id UUID NOT NULL, business_date DATE NOT NULL,
    user_id UUID, previous_hash TEXT NOT NULL, hash TEXT NOT NULL, created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL, extra JSON, change_seq BIGINT NOT NULL, last_writer UUID NOT
    NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT chain_forked UNIQUE (device_id, chain_number),
    CONSTRAINT amount_out_of_range CHECK (amount_minor BETWEEN 1 AND 999999999999),
    CONSTRAINT accounts_equal CHECK (debit_account_id <> credit_account_id),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);
CREATE INDEX ledger_entries_by_date ON ledger_entries (business_date);

CREATE TABLE audit_logs (
    id UUID NOT NULL, device_id UUID NOT NULL, user_id UUID, action TEXT NOT NULL, table_name TEXT
    NOT NULL, record_id TEXT NOT NULL, old_value JSON, new_value JSON, created_at TIMESTAMPTZ NOT
    NULL, updated_at TIMESTAMPTZ NOT NULL, extra JSON, change_seq BIGINT NOT NULL, last_writer UUID
    NOT NULL,
    PRIMARY KEY (id, device_id),
    CONSTRAINT fact_edited CHECK (updated_at = created_at)
);

-- <<< made

-- ---------------------------------------------------------------------------------------------
-- Rows of tables that this server does not know: a newer program's. Handed on as they are, and entered into their
-- own table once the server knows it (store.py, enter_carried). Their keys and times are checked in admission.py.

CREATE TABLE carried_rows (
    table_name TEXT NOT NULL, id UUID NOT NULL, device_id UUID NOT NULL, row JSON NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    written_by UUID,                        -- NULL: a fact, written once
    change_seq BIGINT NOT NULL, last_writer UUID NOT NULL,
    PRIMARY KEY (table_name, id, device_id)
);
CREATE INDEX carried_rows_feed ON carried_rows (table_name, change_seq);

-- ---------------------------------------------------------------------------------------------
-- Small questions.

CREATE FUNCTION wire_time(at TIMESTAMPTZ) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- How far a PC's clock may be ahead before the server gives the edit its own time.
CREATE FUNCTION clock_tolerance() RETURNS INTERVAL LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN INTERVAL '60 seconds';

-- Waits for the shop's lock, which the transaction then holds: pushes of one shop come one after the other,
-- so that numbers become visible in their order and a reader can skip none. Gives the push its number and
-- its time. The number is taken from the clock and not counted 1, 2, 3: after a restored backup, or a failover
-- that lost the last commits, no number is given a second time, so that no PC's cursor can lie ahead of
-- rows which it has never seen. Below 2^53.
CREATE FUNCTION begin_push(OUT change_seq BIGINT, OUT at TIMESTAMPTZ)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('cleanflow push'), hashtext(current_schema()));
    at := clock_timestamp();
    change_seq := greatest((extract(epoch FROM at) * 1000000)::bigint,
                           1 + coalesce((SELECT max(p.change_seq) FROM pushes p), 0));
END $$;

CREATE FUNCTION chain_heads() RETURNS TABLE (device_id UUID, number BIGINT, hash TEXT)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    WITH RECURSIVE pcs AS (                 -- skips from PC to PC in the index: a step a PC, not one an entry
        (SELECT e.device_id FROM ledger_entries e ORDER BY e.device_id LIMIT 1)
        UNION ALL
        SELECT (SELECT e.device_id FROM ledger_entries e WHERE e.device_id > pcs.device_id
                 ORDER BY e.device_id LIMIT 1)
          FROM pcs WHERE pcs.device_id IS NOT NULL)
    SELECT pcs.device_id, head.chain_number, head.hash
      FROM pcs CROSS JOIN LATERAL (
           SELECT e.chain_number, e.hash FROM ledger_entries e WHERE e.device_id = pcs.device_id
            ORDER BY e.chain_number DESC LIMIT 1) AS head;
$$;

-- ---------------------------------------------------------------------------------------------
-- Facts are never edited, and nothing is ever deleted. ALWAYS: session_replication_role does not switch
-- these off.

CREATE FUNCTION refuse_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: % of %', TG_ARGV[0], TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- ---------------------------------------------------------------------------------------------
-- One rule, written once for seventeen tables. For each table the template makes
--   its feed index, its triggers against change,
--   its view TABLE_wire: each row as PCs write it, with change_seq and last_writer beside it,
--   its function sync_…(writer, seq, now, rows): takes a JSON array of rows, and tells for each, in order,
--   its outcome and reason as cleanflow.sync.protocol names them and, where the PC's row has to change, the
--   values that count. To be called under the shop's lock; calling it twice changes nothing the second time.
-- Entries of the ledger must continue their PC's chain besides. chain_forked: another entry has this number, or
-- this one follows another than the last. chain_gap: an earlier one is missing. After the first entry
-- in trouble all later ones of that PC are. An entry that is there already is in no trouble.
-- LATERAL … LIMIT 1 and the SETs keep to plans that look each row up in an index: PostgreSQL knows neither how
-- many rows come nor how many there will be, and a plan that reads the whole table, or the whole of an index,
-- would stay in use while the shop grows.

CREATE FUNCTION make_sync_of(p_table TEXT) RETURNS VOID LANGUAGE plpgsql SET search_path FROM CURRENT AS $make$
DECLARE
    made      synced_tables := (SELECT t FROM synced_tables t WHERE t.name = p_table);
    is_fact   BOOLEAN := made.editable = '{}';
    own_chain BOOLEAN := p_table = 'ledger_entries';
    names     TEXT;   -- a, b, c
    wire      TEXT;   -- the same as PCs write them
    given     TEXT;   -- r.a, r.b, r.c: as they come out of the JSON array
    old_all   TEXT;   -- stored.a, …   comparable
    new_all   TEXT;   -- incoming.a, … comparable
    old_fixed TEXT;   -- … without what may change
    new_fixed TEXT;
    assigned  TEXT;   -- a = excluded.a, … of what may change
    trouble   TEXT := '(SELECT NULL::bigint AS ordinal, NULL::text AS why)';
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
           string_agg(CASE atttypid WHEN 'timestamptz'::regtype THEN format('wire_time(%1$I) AS %1$I', attname)
                                    WHEN 'json'::regtype THEN format('%1$I::text AS %1$I', attname)
                                    ELSE quote_ident(attname) END, ', ' ORDER BY attnum),
           -- JSON travels as a string, which populating takes for the JSON value "…": unwrap it
           string_agg(CASE atttypid WHEN 'json'::regtype THEN format('(r.%1$I #>> ''{}'')::json AS %1$I', attname)
                                    ELSE format('r.%I', attname) END, ', ' ORDER BY attnum),
           string_agg('stored.' || comparable, ', ' ORDER BY attnum),
           string_agg('incoming.' || comparable, ', ' ORDER BY attnum),
           string_agg('stored.' || comparable, ', ' ORDER BY attnum) FILTER (WHERE is_fixed),
           string_agg('incoming.' || comparable, ', ' ORDER BY attnum) FILTER (WHERE is_fixed),
           string_agg(format('%1$I = excluded.%1$I', attname), ', ' ORDER BY attnum) FILTER (WHERE NOT is_fixed)
      INTO names, wire, given, old_all, new_all, old_fixed, new_fixed, assigned
      FROM (SELECT attname, attnum, atttypid,
                   quote_ident(attname) || CASE atttypid WHEN 'json'::regtype THEN '::text' ELSE '' END AS comparable,
                   attname <> ALL (made.editable || '{updated_at,written_by}') AS is_fixed
              FROM pg_attribute
             WHERE attrelid = p_table::regclass AND attnum > 0 AND NOT attisdropped
               AND attname NOT IN ('change_seq', 'last_writer')) AS columns;

    EXECUTE format('CREATE INDEX %1$I ON %2$I (change_seq)', p_table || '_feed', p_table);
    EXECUTE format('CREATE VIEW %1$I AS SELECT %2$s, change_seq, last_writer FROM %3$I',
                   p_table || '_wire', wire, p_table);

    EXECUTE format($sql$
        CREATE TRIGGER no_delete BEFORE DELETE OR TRUNCATE ON %1$I
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change(%2$L);
        ALTER TABLE %1$I ENABLE ALWAYS TRIGGER no_delete;
        $sql$, p_table, CASE WHEN is_fact THEN 'fact_immutable' ELSE 'record_permanent' END);

    IF own_chain THEN
        trouble := $sql$(
            WITH heads AS MATERIALIZED (
                SELECT pc.device_id, coalesce(head.chain_number, 0) AS chain_number,
                       coalesce(head.hash, repeat('0', 64)) AS hash
                  FROM (SELECT DISTINCT device_id FROM incoming) AS pc
                  LEFT JOIN LATERAL (
                       SELECT e.chain_number, e.hash FROM ledger_entries e WHERE e.device_id = pc.device_id
                        ORDER BY e.chain_number DESC LIMIT 1) AS head ON TRUE),
            linked AS (
                SELECT i.ordinal, i.device_id, i.chain_number,
                       i.chain_number - h.chain_number - row_number() OVER chain AS missing,
                       i.previous_hash <> lag(i.hash, 1, h.hash) OVER chain AS is_torn
                  FROM incoming i JOIN heads h USING (device_id)
                 WHERE i.chain_number > h.chain_number
                WINDOW chain AS (PARTITION BY i.device_id ORDER BY i.chain_number, i.ordinal)),
            followed AS (
                SELECT l.ordinal, bool_or(missing > 0) OVER so_far AS has_gap,
                       bool_or(missing < 0 OR is_torn) OVER so_far AS has_fork
                  FROM linked l
                WINDOW so_far AS (PARTITION BY l.device_id ORDER BY l.chain_number, l.ordinal))
            SELECT f.ordinal, CASE WHEN has_gap THEN 'chain_gap' ELSE 'chain_forked' END AS why
              FROM followed f WHERE has_gap OR has_fork
            UNION ALL
            SELECT i.ordinal, 'chain_forked'
              FROM incoming i JOIN heads h USING (device_id)
              JOIN ledger_entries e ON (e.device_id, e.chain_number) = (i.device_id, i.chain_number)
             WHERE i.chain_number <= h.chain_number AND (e.id, e.hash) IS DISTINCT FROM (i.id, i.hash))$sql$;
    END IF;

    IF is_fact THEN
        EXECUTE format($sql$
            CREATE TRIGGER no_update BEFORE UPDATE ON %1$I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('fact_immutable');
            ALTER TABLE %1$I ENABLE ALWAYS TRIGGER no_update;
            $sql$, p_table);

        EXECUTE format($sql$
            CREATE FUNCTION %1$I(p_writer UUID, p_seq BIGINT, p_now TIMESTAMPTZ, p_rows JSON)
            RETURNS TABLE (ordinal BIGINT, outcome TEXT, reason TEXT, record JSONB)
            LANGUAGE plpgsql SET search_path FROM CURRENT
            SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $f$
            #variable_conflict use_column
            BEGIN RETURN QUERY
            WITH incoming AS MATERIALIZED (
                SELECT r.ordinality AS ordinal, %3$s
                  FROM json_populate_recordset(NULL::%2$I, p_rows) WITH ORDINALITY AS r),
            judged AS MATERIALIZED (
                SELECT incoming.*, trouble.why AS why,
                       CASE WHEN stored.id IS NULL AND trouble.why IS NULL THEN 'stored'
                            WHEN (%5$s) IS NOT DISTINCT FROM (%6$s) THEN 'already'
                            WHEN stored.id IS NULL AND trouble.why = 'chain_gap' THEN 'refused'
                            ELSE 'conflict' END AS verdict,
                       stored.device_id <> incoming.device_id AS is_taken
                  FROM incoming
                  LEFT JOIN LATERAL (SELECT * FROM %2$I AS s WHERE s.id = incoming.id LIMIT 1) AS stored ON TRUE
                  LEFT JOIN %7$s AS trouble ON trouble.ordinal = incoming.ordinal),
            written AS (
                INSERT INTO %2$I (%4$s, change_seq, last_writer)
                SELECT %4$s, p_seq, p_writer FROM judged WHERE verdict = 'stored'
                ON CONFLICT (id, device_id) DO NOTHING),
            counted AS (
                UPDATE synced_tables SET records = records + news.number
                  FROM (SELECT count(*) AS number FROM judged WHERE verdict = 'stored') AS news
                 WHERE name = %2$L AND news.number > 0)
            SELECT ordinal, verdict,
                   CASE WHEN verdict IN ('stored', 'already') THEN NULL
                        WHEN is_taken THEN 'id_taken'
                        ELSE coalesce(why, 'other_content') END,
                   NULL::jsonb
              FROM judged ORDER BY ordinal;
            END $f$ $sql$,
            made.function_name, p_table, given, names, old_all, new_all, trouble);
    ELSE
        EXECUTE format($sql$
            CREATE TRIGGER no_update_of_fixed BEFORE UPDATE ON %1$I FOR EACH ROW
            WHEN ((%2$s) IS DISTINCT FROM (%3$s)) EXECUTE FUNCTION refuse_change('record_immutable');
            ALTER TABLE %1$I ENABLE ALWAYS TRIGGER no_update_of_fixed;
            $sql$, p_table, replace(old_fixed, 'stored.', 'OLD.'), replace(old_fixed, 'stored.', 'NEW.'));

        EXECUTE format($sql$
            CREATE FUNCTION %1$I(p_writer UUID, p_seq BIGINT, p_now TIMESTAMPTZ, p_rows JSON)
            RETURNS TABLE (ordinal BIGINT, outcome TEXT, reason TEXT, record JSONB)
            LANGUAGE plpgsql SET search_path FROM CURRENT
            SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $f$
            #variable_conflict use_column
            BEGIN RETURN QUERY
            WITH incoming AS MATERIALIZED (
                SELECT r.ordinality AS ordinal, %3$s
                  FROM json_populate_recordset(NULL::%2$I, p_rows) WITH ORDINALITY AS r),
            judged AS MATERIALIZED (
                SELECT incoming.*, given.at, stored.id IS NULL AND incoming.device_id <> %9$L AS is_new,
                       CASE WHEN stored.id IS NULL THEN 'stored'
                            WHEN (%5$s) IS DISTINCT FROM (%6$s) THEN 'conflict'
                            WHEN (given.at, incoming.written_by) > (stored.updated_at, stored.written_by)
                                THEN 'stored'
                            WHEN (given.at, incoming.written_by) < (stored.updated_at, stored.written_by)
                                THEN 'superseded'
                            WHEN (%7$s, given.at) IS NOT DISTINCT FROM (%8$s, stored.updated_at) THEN 'already'
                            ELSE 'conflict' END AS verdict,
                       CASE WHEN stored.device_id <> incoming.device_id THEN 'id_taken'
                            WHEN (%5$s) IS DISTINCT FROM (%6$s) THEN 'record_immutable'
                            ELSE 'other_content' END AS why
                  FROM incoming
                  LEFT JOIN LATERAL (SELECT * FROM %2$I AS s WHERE s.id = incoming.id LIMIT 1) AS stored ON TRUE
                  LEFT JOIN capped_writes AS capped
                    ON (capped.table_name, capped.id) = (%2$L, incoming.id)
                   AND (capped.written_by, capped.claimed_at) = (incoming.written_by, incoming.updated_at)
                 CROSS JOIN LATERAL (SELECT
                       -- given the server's time, but still after what it edits
                       CASE WHEN capped.id IS NOT NULL THEN capped.written_at
                            WHEN incoming.updated_at > p_now + clock_tolerance()
                            THEN greatest(p_now, stored.updated_at + INTERVAL '1 microsecond')
                            ELSE incoming.updated_at END AS at) AS given),
            written AS (
                INSERT INTO %2$I AS stored (%4$s, change_seq, last_writer)
                SELECT %10$s, p_seq, p_writer FROM judged WHERE verdict = 'stored'
                ON CONFLICT (id, device_id) DO UPDATE
                   SET %11$s, change_seq = excluded.change_seq, last_writer = excluded.last_writer
                 WHERE (excluded.updated_at, excluded.written_by) > (stored.updated_at, stored.written_by)),
            remembered AS (
                INSERT INTO capped_writes (table_name, id, written_by, claimed_at, written_at)
                SELECT %2$L, id, written_by, updated_at, at FROM judged
                 WHERE verdict = 'stored' AND at <> updated_at
                ON CONFLICT DO NOTHING),
            counted AS (
                UPDATE synced_tables SET records = records + news.number
                  FROM (SELECT count(*) AS number FROM judged WHERE verdict = 'stored' AND is_new) AS news
                 WHERE name = %2$L AND news.number > 0)
            SELECT ordinal,
                   CASE WHEN verdict IN ('stored', 'already') AND at <> updated_at THEN 'corrected'
                        ELSE verdict END,
                   CASE WHEN verdict = 'conflict' THEN why END,
                   CASE WHEN verdict = 'superseded'
                        THEN (SELECT to_jsonb(w) - '{change_seq,last_writer}'::text[]
                                FROM %12$I AS w WHERE w.id = judged.id)
                        WHEN verdict IN ('stored', 'already') AND at <> updated_at
                        THEN jsonb_build_object('updated_at', wire_time(at))
                        END
              FROM judged ORDER BY ordinal;
            END $f$ $sql$,
            made.function_name, p_table, given, names, old_fixed, new_fixed,
            replace(new_all, 'incoming.updated_at', 'NULL::timestamptz'),
            replace(old_all, 'stored.updated_at', 'NULL::timestamptz'),
            '00000000-0000-0000-0000-000000000000',
            replace(names, 'updated_at', 'at'),
            assigned, p_table || '_wire');
    END IF;
END $make$;

SELECT make_sync_of(name) FROM synced_tables;

-- ---------------------------------------------------------------------------------------------
-- What store.py calls, so that no table's name is ever pasted into SQL there.

-- As the functions of known tables, for a table that this server does not know: the newer edit wins, a clock that is
-- ahead is capped, a fact stays.
CREATE FUNCTION carry_rows(p_table TEXT, p_writer UUID, p_seq BIGINT, p_now TIMESTAMPTZ, p_rows JSON)
RETURNS TABLE (ordinal BIGINT, outcome TEXT, reason TEXT, record JSONB)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
    WITH incoming AS MATERIALIZED (
        SELECT r.ordinality AS ordinal, r.value AS row, (r.value ->> 'id')::uuid AS id,
               (r.value ->> 'device_id')::uuid AS device_id, (r.value ->> 'updated_at')::timestamptz AS updated_at,
               (r.value ->> 'written_by')::uuid AS written_by
          FROM json_array_elements(p_rows) WITH ORDINALITY AS r),
    timed AS MATERIALIZED (
        SELECT incoming.*, stored.row AS stored_row, stored.device_id AS stored_device, stored.updated_at AS stored_at,
               stored.written_by AS stored_by,
               CASE WHEN capped.id IS NOT NULL THEN capped.written_at
                    WHEN incoming.written_by IS NOT NULL AND incoming.updated_at > p_now + clock_tolerance()
                    THEN greatest(p_now, stored.updated_at + INTERVAL '1 microsecond')
                    ELSE incoming.updated_at END AS at
          FROM incoming
          LEFT JOIN carried_rows AS stored ON stored.table_name = p_table AND stored.id = incoming.id
          LEFT JOIN capped_writes AS capped
            ON (capped.table_name, capped.id) = (p_table, incoming.id)
           AND (capped.written_by, capped.claimed_at) = (incoming.written_by, incoming.updated_at)),
    given AS MATERIALIZED (
        SELECT timed.*, CASE WHEN at = updated_at THEN row
                             ELSE jsonb_set(row::jsonb, '{updated_at}', to_jsonb(wire_time(at)))::json END AS kept
          FROM timed),
    judged AS MATERIALIZED (
        SELECT given.*,
               CASE WHEN stored_row IS NULL THEN 'stored'
                    WHEN kept::jsonb = stored_row::jsonb THEN 'already'
                    WHEN written_by IS NULL OR stored_by IS NULL OR device_id <> stored_device THEN 'conflict'
                    WHEN (at, written_by) > (stored_at, stored_by) THEN 'stored'
                    WHEN (at, written_by) = (stored_at, stored_by) THEN 'conflict'
                    ELSE 'superseded' END AS verdict
          FROM given),
    written AS (
        INSERT INTO carried_rows (table_name, id, device_id, row, updated_at, written_by, change_seq, last_writer)
        SELECT p_table, id, device_id, kept, at, written_by, p_seq, p_writer
          FROM judged WHERE verdict = 'stored'
        ON CONFLICT (table_name, id, device_id) DO UPDATE
           SET row = excluded.row, updated_at = excluded.updated_at, written_by = excluded.written_by,
               change_seq = excluded.change_seq, last_writer = excluded.last_writer),
    remembered AS (
        INSERT INTO capped_writes (table_name, id, written_by, claimed_at, written_at)
        SELECT p_table, id, written_by, updated_at, at FROM judged WHERE verdict = 'stored' AND at <> updated_at
        ON CONFLICT DO NOTHING)
    SELECT ordinal,
           CASE WHEN verdict IN ('stored', 'already') AND at <> updated_at THEN 'corrected' ELSE verdict END,
           CASE verdict WHEN 'conflict' THEN 'other_content' END,
           CASE WHEN verdict = 'superseded' THEN stored_row::jsonb
                WHEN verdict IN ('stored', 'already') AND at <> updated_at
                THEN jsonb_build_object('updated_at', wire_time(at)) END
      FROM judged WHERE verdict <> 'stored' OR at <> updated_at ORDER BY ordinal;
END $$;

-- Rows that it does not mention are stored.
CREATE FUNCTION sync_rows(p_table TEXT, p_writer UUID, p_seq BIGINT, p_now TIMESTAMPTZ, p_rows JSON)
RETURNS TABLE (ordinal BIGINT, outcome TEXT, reason TEXT, record JSONB)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    made TEXT := (SELECT t.function_name FROM synced_tables t WHERE t.name = p_table);
BEGIN
    IF made IS NULL THEN
        RETURN QUERY SELECT * FROM carry_rows(p_table, p_writer, p_seq, p_now, p_rows);
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format('SELECT * FROM %I($1, $2, $3, $4) WHERE outcome <> $5', made)
           USING p_writer, p_seq, p_now, p_rows, 'stored';
END $$;

-- What others than p_device wrote last after p_since, as PCs write it, in the order of the pushes and
-- within one in history order. The first p_limit rows and the rest of their push: a push is never cut.
-- Up to p_upto, when given; with p_own also what p_device wrote.
CREATE FUNCTION get_other_device_records(
    p_device UUID, p_table TEXT, p_since BIGINT, p_limit INTEGER,
    p_upto BIGINT DEFAULT NULL, p_own BOOLEAN DEFAULT FALSE)
RETURNS TABLE (change_seq BIGINT, record JSONB)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM synced_tables t WHERE t.name = p_table) THEN
        RETURN QUERY
        SELECT c.change_seq, c.row::jsonb FROM carried_rows c
         WHERE c.table_name = p_table AND c.change_seq > p_since
           AND c.change_seq <= coalesce(p_upto, 9223372036854775807) AND (c.last_writer <> p_device OR p_own)
         ORDER BY c.change_seq, c.updated_at, c.id FETCH FIRST coalesce(p_limit, 2147483647) ROWS WITH TIES;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format($sql$
        SELECT page.change_seq, to_jsonb(page) - '{change_seq,last_writer}'::text[]
          FROM (SELECT * FROM %I
                 WHERE change_seq > $2 AND change_seq <= $4 AND (last_writer <> $1 OR $5)
                 ORDER BY change_seq FETCH FIRST $3 ROWS WITH TIES) AS page
         ORDER BY page.change_seq, page.updated_at, page.%I
        $sql$, (SELECT t.name || '_wire' FROM synced_tables t WHERE t.name = p_table),
               CASE p_table WHEN 'ledger_entries' THEN 'chain_number' ELSE 'id' END)
        USING p_device, p_since, coalesce(p_limit, 2147483647), coalesce(p_upto, 9223372036854775807), p_own;
END $$;

-- What p_device has not confirmed yet: what others wrote after the point from which it last pulled.
CREATE FUNCTION get_pending_records(p_device UUID, p_table TEXT, p_limit INTEGER)
RETURNS TABLE (change_seq BIGINT, record JSONB)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT * FROM get_other_device_records(p_device, p_table,
        coalesce((SELECT pulled_seq FROM last_syncs WHERE device_id = p_device), 0), p_limit);
$$;
