-- Made from cleanflow/records by `python3 -m release schema`: change the declaration, not this file.

-- Facts are never edited, nothing is ever deleted, and REPLACE (a delete in disguise, which fires no
-- delete trigger unless recursive_triggers is on) meets a guard of its own. RAISE(ABORT) and not
-- ROLLBACK, which would destroy the savepoints of the operation around it.
-- Of a fact no column but those of the synchronisation may change. Of a record who made it, and when, stays;
-- an edit made here is newer than what it edits and is sent again. (A merge may set updated_at back: the
-- server caps a clock that is years ahead.)
-- What a former identity of this PC has not sent yet may be given the present one: see 70_rules.sql.

CREATE TRIGGER features_before_update_immutable BEFORE UPDATE OF
    id, device_id, name, description, created_at, updated_at, extra
ON features WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER features_before_delete BEFORE DELETE ON features
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER features_before_insert_exists BEFORE INSERT ON features WHEN EXISTS (
    SELECT 1 FROM features WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER devices_before_update_immutable BEFORE UPDATE OF
    id, device_id, created_at
ON devices WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'record_immutable'); END;
CREATE TRIGGER devices_before_update_stale BEFORE UPDATE OF
    code, name, drawer_id, is_active, extra
ON devices WHEN (NEW.updated_at <= OLD.updated_at OR NEW.sync_status <> 'PENDING')
    AND (SELECT is_merging FROM app_settings) = 0
BEGIN SELECT RAISE(ABORT, 'stale_update'); END;
CREATE TRIGGER devices_before_delete BEFORE DELETE ON devices
BEGIN SELECT RAISE(ABORT, 'record_permanent'); END;
CREATE TRIGGER devices_before_insert_exists BEFORE INSERT ON devices WHEN EXISTS (
    SELECT 1 FROM devices WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER settings_before_update_immutable BEFORE UPDATE OF
    id, device_id, key, created_at
ON settings WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'record_immutable'); END;
CREATE TRIGGER settings_before_update_stale BEFORE UPDATE OF
    value, extra
ON settings WHEN (NEW.updated_at <= OLD.updated_at OR NEW.sync_status <> 'PENDING')
    AND (SELECT is_merging FROM app_settings) = 0
BEGIN SELECT RAISE(ABORT, 'stale_update'); END;
CREATE TRIGGER settings_before_delete BEFORE DELETE ON settings
BEGIN SELECT RAISE(ABORT, 'record_permanent'); END;
CREATE TRIGGER settings_before_insert_exists BEFORE INSERT ON settings WHEN EXISTS (
    SELECT 1 FROM settings WHERE id = NEW.id OR key = NEW.key)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER users_before_update_immutable BEFORE UPDATE OF
    id, device_id, created_at
ON users WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'record_immutable'); END;
CREATE TRIGGER users_before_update_stale BEFORE UPDATE OF
    name, role, secret_hash, is_active, merged_into, extra
ON users WHEN (NEW.updated_at <= OLD.updated_at OR NEW.sync_status <> 'PENDING')
    AND (SELECT is_merging FROM app_settings) = 0
BEGIN SELECT RAISE(ABORT, 'stale_update'); END;
CREATE TRIGGER users_before_delete BEFORE DELETE ON users
BEGIN SELECT RAISE(ABORT, 'record_permanent'); END;
CREATE TRIGGER users_before_insert_exists BEFORE INSERT ON users WHEN EXISTS (
    SELECT 1 FROM users WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER customers_before_update_immutable BEFORE UPDATE OF
    id, device_id, external_key, created_at
ON customers WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'record_immutable'); END;
CREATE TRIGGER customers_before_update_stale BEFORE UPDATE OF
    name, phone, address, notes, is_active, extra
ON customers WHEN (NEW.updated_at <= OLD.updated_at OR NEW.sync_status <> 'PENDING')
    AND (SELECT is_merging FROM app_settings) = 0
BEGIN SELECT RAISE(ABORT, 'stale_update'); END;
CREATE TRIGGER customers_before_delete BEFORE DELETE ON customers
BEGIN SELECT RAISE(ABORT, 'record_permanent'); END;
CREATE TRIGGER customers_before_insert_exists BEFORE INSERT ON customers WHEN EXISTS (
    SELECT 1 FROM customers WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER service_types_before_update_immutable BEFORE UPDATE OF
    id, device_id, external_key, created_at
ON service_types WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'record_immutable'); END;
CREATE TRIGGER service_types_before_update_stale BEFORE UPDATE OF
    name, price_minor, is_active, merged_into, extra
ON service_types WHEN (NEW.updated_at <= OLD.updated_at OR NEW.sync_status <> 'PENDING')
    AND (SELECT is_merging FROM app_settings) = 0
BEGIN SELECT RAISE(ABORT, 'stale_update'); END;
CREATE TRIGGER service_types_before_delete BEFORE DELETE ON service_types
BEGIN SELECT RAISE(ABORT, 'record_permanent'); END;
CREATE TRIGGER service_types_before_insert_exists BEFORE INSERT ON service_types WHEN EXISTS (
    SELECT 1 FROM service_types WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER accounts_before_update_immutable BEFORE UPDATE OF
    id, device_id, kind, created_at
ON accounts WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'record_immutable'); END;
CREATE TRIGGER accounts_before_update_stale BEFORE UPDATE OF
    name, extra
ON accounts WHEN (NEW.updated_at <= OLD.updated_at OR NEW.sync_status <> 'PENDING')
    AND (SELECT is_merging FROM app_settings) = 0
BEGIN SELECT RAISE(ABORT, 'stale_update'); END;
CREATE TRIGGER accounts_before_delete BEFORE DELETE ON accounts
BEGIN SELECT RAISE(ABORT, 'record_permanent'); END;
CREATE TRIGGER accounts_before_insert_exists BEFORE INSERT ON accounts WHEN EXISTS (
    SELECT 1 FROM accounts WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER expense_categories_before_update_immutable BEFORE UPDATE OF
    id, device_id, account_id, created_at
ON expense_categories WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'record_immutable'); END;
CREATE TRIGGER expense_categories_before_update_stale BEFORE UPDATE OF
    name, is_active, merged_into, extra
ON expense_categories WHEN (NEW.updated_at <= OLD.updated_at OR NEW.sync_status <> 'PENDING')
    AND (SELECT is_merging FROM app_settings) = 0
BEGIN SELECT RAISE(ABORT, 'stale_update'); END;
CREATE TRIGGER expense_categories_before_delete BEFORE DELETE ON expense_categories
BEGIN SELECT RAISE(ABORT, 'record_permanent'); END;
CREATE TRIGGER expense_categories_before_insert_exists BEFORE INSERT ON expense_categories WHEN EXISTS (
    SELECT 1 FROM expense_categories WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER jobs_before_update_immutable BEFORE UPDATE OF
    id, device_id, reference_number, reference, kind, customer_id, service_type_id, description,
    amount_minor, list_price_minor, business_date, external_key, user_id, created_at
ON jobs WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'record_immutable'); END;
CREATE TRIGGER jobs_before_update_stale BEFORE UPDATE OF
    due_date, work_status, notes, extra
ON jobs WHEN (NEW.updated_at <= OLD.updated_at OR NEW.sync_status <> 'PENDING')
    AND (SELECT is_merging FROM app_settings) = 0
BEGIN SELECT RAISE(ABORT, 'stale_update'); END;
CREATE TRIGGER jobs_before_delete BEFORE DELETE ON jobs
BEGIN SELECT RAISE(ABORT, 'record_permanent'); END;
CREATE TRIGGER jobs_before_insert_exists BEFORE INSERT ON jobs WHEN EXISTS (
    SELECT 1 FROM jobs WHERE id = NEW.id OR (device_id = NEW.device_id AND reference_number = NEW.reference_number))
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER job_adjustments_before_update_immutable BEFORE UPDATE OF
    id, device_id, job_id, kind, amount_minor, reason, reverses_id, business_date, user_id,
    created_at, updated_at, extra
ON job_adjustments WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER job_adjustments_before_delete BEFORE DELETE ON job_adjustments
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER job_adjustments_before_insert_exists BEFORE INSERT ON job_adjustments WHEN EXISTS (
    SELECT 1 FROM job_adjustments WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER payments_before_update_immutable BEFORE UPDATE OF
    id, device_id, reference_number, reference, kind, method, customer_id, amount_minor,
    reverses_id, reason, business_date, external_key, user_id, created_at, updated_at, extra
ON payments WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER payments_before_delete BEFORE DELETE ON payments
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER payments_before_insert_exists BEFORE INSERT ON payments WHEN EXISTS (
    SELECT 1 FROM payments WHERE id = NEW.id OR (device_id = NEW.device_id AND reference_number = NEW.reference_number))
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER payment_allocations_before_update_immutable BEFORE UPDATE OF
    id, device_id, payment_id, job_id, refund_id, amount_minor, user_id, created_at, updated_at,
    extra
ON payment_allocations WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER payment_allocations_before_delete BEFORE DELETE ON payment_allocations
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER payment_allocations_before_insert_exists BEFORE INSERT ON payment_allocations WHEN EXISTS (
    SELECT 1 FROM payment_allocations WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER expenses_before_update_immutable BEFORE UPDATE OF
    id, device_id, reference_number, reference, kind, method, category_id, description,
    amount_minor, reverses_id, business_date, external_key, user_id, created_at, updated_at, extra
ON expenses WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER expenses_before_delete BEFORE DELETE ON expenses
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER expenses_before_insert_exists BEFORE INSERT ON expenses WHEN EXISTS (
    SELECT 1 FROM expenses WHERE id = NEW.id OR (device_id = NEW.device_id AND reference_number = NEW.reference_number))
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER drawer_movements_before_update_immutable BEFORE UPDATE OF
    id, device_id, reference_number, reference, kind, amount_minor, reason, business_date, user_id,
    created_at, updated_at, extra
ON drawer_movements WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER drawer_movements_before_delete BEFORE DELETE ON drawer_movements
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER drawer_movements_before_insert_exists BEFORE INSERT ON drawer_movements WHEN EXISTS (
    SELECT 1 FROM drawer_movements WHERE id = NEW.id OR (device_id = NEW.device_id AND reference_number = NEW.reference_number))
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER day_closings_before_update_immutable BEFORE UPDATE OF
    id, device_id, reference_number, reference, drawer_id, business_date, expected_minor,
    counted_minor, variance_minor, denominations, reason, heads, report, user_id, created_at,
    updated_at, extra
ON day_closings WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from, device_id) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER day_closings_before_delete BEFORE DELETE ON day_closings
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER day_closings_before_insert_exists BEFORE INSERT ON day_closings WHEN EXISTS (
    SELECT 1 FROM day_closings WHERE id = NEW.id OR (device_id = NEW.device_id AND reference_number = NEW.reference_number))
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER closing_addenda_before_update_immutable BEFORE UPDATE OF
    id, device_id, closing_id, number, heads, report, user_id, created_at, updated_at, extra
ON closing_addenda WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from, device_id) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER closing_addenda_before_delete BEFORE DELETE ON closing_addenda
BEGIN SELECT RAISE(ABORT, 'fact_immutable'); END;
CREATE TRIGGER closing_addenda_before_insert_exists BEFORE INSERT ON closing_addenda WHEN EXISTS (
    SELECT 1 FROM closing_addenda WHERE id = NEW.id OR (closing_id = NEW.closing_id AND device_id = NEW.device_id AND number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER ledger_entries_before_update_immutable BEFORE UPDATE OF
    id, device_id, chain_number, kind, debit_account_id, credit_account_id, amount_minor,
    customer_id, job_id, source_id, business_date, user_id, previous_hash, hash, created_at,
    updated_at, extra
ON ledger_entries WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER ledger_entries_before_delete BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'ledger_immutable'); END;
CREATE TRIGGER ledger_entries_before_insert_exists BEFORE INSERT ON ledger_entries WHEN EXISTS (
    SELECT 1 FROM ledger_entries WHERE id = NEW.id OR (device_id = NEW.device_id AND chain_number = NEW.chain_number))
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;

CREATE TRIGGER audit_logs_before_update_immutable BEFORE UPDATE OF
    id, device_id, user_id, action, table_name, record_id, old_value, new_value, created_at,
    updated_at, extra
ON audit_logs WHEN OLD.sync_status = 'SYNCED' OR (SELECT reissuing_from IS NULL OR OLD.device_id NOT IN (reissuing_from) FROM app_settings)
BEGIN SELECT RAISE(ABORT, 'audit_immutable'); END;
CREATE TRIGGER audit_logs_before_delete BEFORE DELETE ON audit_logs
BEGIN SELECT RAISE(ABORT, 'audit_immutable'); END;
CREATE TRIGGER audit_logs_before_insert_exists BEFORE INSERT ON audit_logs WHEN EXISTS (
    SELECT 1 FROM audit_logs WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'record_exists'); END;
