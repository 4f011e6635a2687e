-- Made from cleanflow/records by `python3 -m release schema`: change the declaration, not this file.

-- The audit trail: who did what to which record, with the values before and after. By triggers, so that
-- no code path can forget it. Rows that arrive by synchronisation bring their own audit rows
-- (is_merging), and the seeded rows of an empty database have no author (device_id IS NULL).
-- Ledger entries are not repeated here: they carry their user and cannot change. Of the uses of payments only
-- those made apart from their payment are, as when credit settles a job.
-- A secret never enters the trail. Later fields (extra) stand beside the others.
-- VALUES with subqueries, because INSERT … SELECT inside a trigger builds a temporary table each time.

CREATE TRIGGER features_after_insert_audit AFTER INSERT ON features
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'features', NEW.id,
    json_patch(json_object(
        'name', NEW.name, 'description', NEW.description), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER devices_after_insert_audit AFTER INSERT ON devices
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'devices', NEW.id,
    json_patch(json_object(
        'code', NEW.code, 'name', NEW.name, 'drawer_id', NEW.drawer_id, 'is_active', NEW.is_active), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;
CREATE TRIGGER devices_after_update_audit AFTER UPDATE OF
    code, name, drawer_id, is_active, extra
ON devices
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
 AND (NEW.code IS NOT OLD.code
      OR NEW.name IS NOT OLD.name
      OR NEW.drawer_id IS NOT OLD.drawer_id
      OR NEW.is_active IS NOT OLD.is_active
      OR NEW.extra IS NOT OLD.extra)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, old_value, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'UPDATE', 'devices', NEW.id,
    json_patch(json_object(
        'code', OLD.code, 'name', OLD.name, 'drawer_id', OLD.drawer_id, 'is_active', OLD.is_active), coalesce(OLD.extra, '{}')),
    json_patch(json_object(
        'code', NEW.code, 'name', NEW.name, 'drawer_id', NEW.drawer_id, 'is_active', NEW.is_active), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER settings_after_insert_audit AFTER INSERT ON settings
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'settings', NEW.id,
    json_patch(json_object(
        'key', NEW.key, 'value', NEW.value), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;
CREATE TRIGGER settings_after_update_audit AFTER UPDATE OF
    value, extra
ON settings
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
 AND (NEW.value IS NOT OLD.value
      OR NEW.extra IS NOT OLD.extra)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, old_value, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'UPDATE', 'settings', NEW.id,
    json_patch(json_object(
        'value', OLD.value), coalesce(OLD.extra, '{}')),
    json_patch(json_object(
        'value', NEW.value), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER users_after_insert_audit AFTER INSERT ON users
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'users', NEW.id,
    json_patch(json_object(
        'name', NEW.name, 'role', NEW.role, 'is_active', NEW.is_active, 'merged_into',
        NEW.merged_into), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;
CREATE TRIGGER users_after_update_audit AFTER UPDATE OF
    name, role, secret_hash, is_active, merged_into, extra
ON users
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
 AND (NEW.name IS NOT OLD.name
      OR NEW.role IS NOT OLD.role
      OR NEW.secret_hash IS NOT OLD.secret_hash
      OR NEW.is_active IS NOT OLD.is_active
      OR NEW.merged_into IS NOT OLD.merged_into
      OR NEW.extra IS NOT OLD.extra)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, old_value, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'UPDATE', 'users', NEW.id,
    json_patch(json_object(
        'name', OLD.name, 'role', OLD.role, 'is_active', OLD.is_active, 'merged_into',
        OLD.merged_into), coalesce(OLD.extra, '{}')),
    json_patch(json_object(
        'name', NEW.name, 'role', NEW.role, 'is_active', NEW.is_active, 'merged_into',
        NEW.merged_into, 'secret', CASE WHEN NEW.secret_hash IS NOT OLD.secret_hash THEN 'changed'
        ELSE 'same' END), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER customers_after_insert_audit AFTER INSERT ON customers
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'customers', NEW.id,
    json_patch(json_object(
        'name', NEW.name, 'phone', NEW.phone, 'address', NEW.address, 'notes', NEW.notes,
        'external_key', NEW.external_key, 'is_active', NEW.is_active), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;
CREATE TRIGGER customers_after_update_audit AFTER UPDATE OF
    name, phone, address, notes, is_active, extra
ON customers
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
 AND (NEW.name IS NOT OLD.name
      OR NEW.phone IS NOT OLD.phone
      OR NEW.address IS NOT OLD.address
      OR NEW.notes IS NOT OLD.notes
      OR NEW.is_active IS NOT OLD.is_active
      OR NEW.extra IS NOT OLD.extra)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, old_value, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'UPDATE', 'customers', NEW.id,
    json_patch(json_object(
        'name', OLD.name, 'phone', OLD.phone, 'address', OLD.address, 'notes', OLD.notes,
        'is_active', OLD.is_active), coalesce(OLD.extra, '{}')),
    json_patch(json_object(
        'name', NEW.name, 'phone', NEW.phone, 'address', NEW.address, 'notes', NEW.notes,
        'is_active', NEW.is_active), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER service_types_after_insert_audit AFTER INSERT ON service_types
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'service_types', NEW.id,
    json_patch(json_object(
        'name', NEW.name, 'price_minor', NEW.price_minor, 'external_key', NEW.external_key,
        'is_active', NEW.is_active, 'merged_into', NEW.merged_into), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;
CREATE TRIGGER service_types_after_update_audit AFTER UPDATE OF
    name, price_minor, is_active, merged_into, extra
ON service_types
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
 AND (NEW.name IS NOT OLD.name
      OR NEW.price_minor IS NOT OLD.price_minor
      OR NEW.is_active IS NOT OLD.is_active
      OR NEW.merged_into IS NOT OLD.merged_into
      OR NEW.extra IS NOT OLD.extra)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, old_value, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'UPDATE', 'service_types', NEW.id,
    json_patch(json_object(
        'name', OLD.name, 'price_minor', OLD.price_minor, 'is_active', OLD.is_active, 'merged_into',
        OLD.merged_into), coalesce(OLD.extra, '{}')),
    json_patch(json_object(
        'name', NEW.name, 'price_minor', NEW.price_minor, 'is_active', NEW.is_active, 'merged_into',
        NEW.merged_into), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER accounts_after_insert_audit AFTER INSERT ON accounts
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'accounts', NEW.id,
    json_patch(json_object(
        'name', NEW.name, 'kind', NEW.kind), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;
CREATE TRIGGER accounts_after_update_audit AFTER UPDATE OF
    name, extra
ON accounts
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
 AND (NEW.name IS NOT OLD.name
      OR NEW.extra IS NOT OLD.extra)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, old_value, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'UPDATE', 'accounts', NEW.id,
    json_patch(json_object(
        'name', OLD.name), coalesce(OLD.extra, '{}')),
    json_patch(json_object(
        'name', NEW.name), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER expense_categories_after_insert_audit AFTER INSERT ON expense_categories
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'expense_categories', NEW.id,
    json_patch(json_object(
        'name', NEW.name, 'account_id', NEW.account_id, 'is_active', NEW.is_active, 'merged_into',
        NEW.merged_into), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;
CREATE TRIGGER expense_categories_after_update_audit AFTER UPDATE OF
    name, is_active, merged_into, extra
ON expense_categories
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
 AND (NEW.name IS NOT OLD.name
      OR NEW.is_active IS NOT OLD.is_active
      OR NEW.merged_into IS NOT OLD.merged_into
      OR NEW.extra IS NOT OLD.extra)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, old_value, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'UPDATE', 'expense_categories', NEW.id,
    json_patch(json_object(
        'name', OLD.name, 'is_active', OLD.is_active, 'merged_into', OLD.merged_into), coalesce(OLD.extra, '{}')),
    json_patch(json_object(
        'name', NEW.name, 'is_active', NEW.is_active, 'merged_into', NEW.merged_into), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER jobs_after_insert_audit AFTER INSERT ON jobs
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'jobs', NEW.id,
    json_patch(json_object(
        'reference_number', NEW.reference_number, 'reference', NEW.reference, 'kind', NEW.kind,
        'customer_id', NEW.customer_id, 'service_type_id', NEW.service_type_id, 'description',
        NEW.description, 'amount_minor', NEW.amount_minor, 'list_price_minor', NEW.list_price_minor,
        'business_date', NEW.business_date, 'due_date', NEW.due_date, 'work_status',
        NEW.work_status, 'notes', NEW.notes, 'external_key', NEW.external_key, 'user_id',
        NEW.user_id), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;
CREATE TRIGGER jobs_after_update_audit AFTER UPDATE OF
    due_date, work_status, notes, extra
ON jobs
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
 AND (NEW.due_date IS NOT OLD.due_date
      OR NEW.work_status IS NOT OLD.work_status
      OR NEW.notes IS NOT OLD.notes
      OR NEW.extra IS NOT OLD.extra)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, old_value, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'UPDATE', 'jobs', NEW.id,
    json_patch(json_object(
        'due_date', OLD.due_date, 'work_status', OLD.work_status, 'notes', OLD.notes), coalesce(OLD.extra, '{}')),
    json_patch(json_object(
        'due_date', NEW.due_date, 'work_status', NEW.work_status, 'notes', NEW.notes), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER job_adjustments_after_insert_audit AFTER INSERT ON job_adjustments
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'job_adjustments', NEW.id,
    json_patch(json_object(
        'job_id', NEW.job_id, 'kind', NEW.kind, 'amount_minor', NEW.amount_minor, 'reason',
        NEW.reason, 'reverses_id', NEW.reverses_id, 'business_date', NEW.business_date, 'user_id',
        NEW.user_id), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER payments_after_insert_audit AFTER INSERT ON payments
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'payments', NEW.id,
    json_patch(json_object(
        'reference_number', NEW.reference_number, 'reference', NEW.reference, 'kind', NEW.kind,
        'method', NEW.method, 'customer_id', NEW.customer_id, 'amount_minor', NEW.amount_minor,
        'reverses_id', NEW.reverses_id, 'reason', NEW.reason, 'business_date', NEW.business_date,
        'external_key', NEW.external_key, 'user_id', NEW.user_id), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER payment_allocations_after_insert_audit AFTER INSERT ON payment_allocations
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
 AND NEW.created_at <> (SELECT created_at FROM payments WHERE id = NEW.payment_id)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'payment_allocations', NEW.id,
    json_patch(json_object(
        'payment_id', NEW.payment_id, 'job_id', NEW.job_id, 'refund_id', NEW.refund_id,
        'amount_minor', NEW.amount_minor, 'user_id', NEW.user_id), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER expenses_after_insert_audit AFTER INSERT ON expenses
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'expenses', NEW.id,
    json_patch(json_object(
        'reference_number', NEW.reference_number, 'reference', NEW.reference, 'kind', NEW.kind,
        'method', NEW.method, 'category_id', NEW.category_id, 'description', NEW.description,
        'amount_minor', NEW.amount_minor, 'reverses_id', NEW.reverses_id, 'business_date',
        NEW.business_date, 'external_key', NEW.external_key, 'user_id', NEW.user_id), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER drawer_movements_after_insert_audit AFTER INSERT ON drawer_movements
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'drawer_movements', NEW.id,
    json_patch(json_object(
        'reference_number', NEW.reference_number, 'reference', NEW.reference, 'kind', NEW.kind,
        'amount_minor', NEW.amount_minor, 'reason', NEW.reason, 'business_date', NEW.business_date,
        'user_id', NEW.user_id), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER day_closings_after_insert_audit AFTER INSERT ON day_closings
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'day_closings', NEW.id,
    json_patch(json_object(
        'reference_number', NEW.reference_number, 'reference', NEW.reference, 'drawer_id',
        NEW.drawer_id, 'business_date', NEW.business_date, 'expected_minor', NEW.expected_minor,
        'counted_minor', NEW.counted_minor, 'variance_minor', NEW.variance_minor, 'denominations',
        NEW.denominations, 'reason', NEW.reason, 'user_id', NEW.user_id), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;

CREATE TRIGGER closing_addenda_after_insert_audit AFTER INSERT ON closing_addenda
WHEN (SELECT is_merging = 0 AND device_id IS NOT NULL FROM app_settings)
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, new_value,
                            created_at, updated_at)
    VALUES ((SELECT device_id FROM app_settings), (SELECT user_id FROM app_settings), 'INSERT', 'closing_addenda', NEW.id,
    json_patch(json_object(
        'closing_id', NEW.closing_id, 'number', NEW.number, 'user_id', NEW.user_id), coalesce(NEW.extra, '{}')),
        (SELECT last_at FROM app_settings), (SELECT last_at FROM app_settings));
END;
