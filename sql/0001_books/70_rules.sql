-- Business rules for what is written on this PC. What other PCs did is a fact and is accepted (is_merging): if
-- two PCs spend one credit twice while offline, it is listed and not refused.

CREATE TRIGGER ledger_entries_before_insert_chain BEFORE INSERT ON ledger_entries
WHEN NEW.device_id = (SELECT device_id FROM app_settings)
 AND (SELECT is_merging FROM app_settings) = 0
 AND (NEW.chain_number <> 1 + coalesce(
          (SELECT chain_number FROM chain_heads WHERE device_id = NEW.device_id), 0)
      OR NEW.previous_hash <> coalesce(
          (SELECT hash FROM chain_heads WHERE device_id = NEW.device_id),
          '0000000000000000000000000000000000000000000000000000000000000000'))
BEGIN SELECT RAISE(ABORT, 'ledger_chain_broken'); END;

CREATE TRIGGER jobs_before_insert_customer BEFORE INSERT ON jobs
WHEN (SELECT is_merging FROM app_settings) = 0
 AND (SELECT is_active FROM customers WHERE id = NEW.customer_id) = 0
BEGIN SELECT RAISE(ABORT, 'customer_inactive'); END;

CREATE TRIGGER payments_before_insert_customer BEFORE INSERT ON payments
WHEN (SELECT is_merging FROM app_settings) = 0
 AND (SELECT is_active FROM customers WHERE id = NEW.customer_id) = 0
BEGIN SELECT RAISE(ABORT, 'customer_inactive'); END;

CREATE TRIGGER customers_before_update_owing BEFORE UPDATE OF is_active ON customers
WHEN NEW.is_active = 0 AND OLD.is_active = 1 AND (SELECT is_merging FROM app_settings) = 0
 AND coalesce((SELECT balance_minor FROM customer_balances WHERE customer_id = NEW.id), 0) <> 0
BEGIN SELECT RAISE(ABORT, 'customer_has_balance'); END;

CREATE TRIGGER job_adjustments_before_insert_total BEFORE INSERT ON job_adjustments
WHEN (SELECT is_merging FROM app_settings) = 0
 AND (SELECT total_minor FROM job_totals WHERE job_id = NEW.job_id) + NEW.amount_minor < 0
BEGIN SELECT RAISE(ABORT, 'adjustment_below_zero'); END;

CREATE TRIGGER job_adjustments_before_insert_limit BEFORE INSERT ON job_adjustments
WHEN (SELECT is_merging FROM app_settings) = 0
 AND (SELECT total_minor FROM job_totals WHERE job_id = NEW.job_id) + NEW.amount_minor > 999999999999
BEGIN SELECT RAISE(ABORT, 'amount_too_large'); END;

CREATE TRIGGER job_adjustments_before_insert_customer BEFORE INSERT ON job_adjustments
WHEN (SELECT is_merging FROM app_settings) = 0
 AND (SELECT is_active FROM customers WHERE id = (SELECT customer_id FROM jobs WHERE id = NEW.job_id)) = 0
BEGIN SELECT RAISE(ABORT, 'customer_inactive'); END;

CREATE TRIGGER job_adjustments_before_insert_reversal BEFORE INSERT ON job_adjustments
WHEN NEW.reverses_id IS NOT NULL AND (SELECT is_merging FROM app_settings) = 0
 AND EXISTS (SELECT 1 FROM job_adjustments WHERE reverses_id = NEW.reverses_id)
BEGIN SELECT RAISE(ABORT, 'already_reversed'); END;

CREATE TRIGGER payments_before_insert_reversal BEFORE INSERT ON payments
WHEN NEW.reverses_id IS NOT NULL AND (SELECT is_merging FROM app_settings) = 0
 AND EXISTS (SELECT 1 FROM payments WHERE reverses_id = NEW.reverses_id)
BEGIN SELECT RAISE(ABORT, 'already_reversed'); END;

CREATE TRIGGER expenses_before_insert_reversal BEFORE INSERT ON expenses
WHEN NEW.reverses_id IS NOT NULL AND (SELECT is_merging FROM app_settings) = 0
 AND EXISTS (SELECT 1 FROM expenses WHERE reverses_id = NEW.reverses_id)
BEGIN SELECT RAISE(ABORT, 'already_reversed'); END;

CREATE TRIGGER payment_allocations_before_insert_due BEFORE INSERT ON payment_allocations
WHEN NEW.job_id IS NOT NULL AND NEW.amount_minor > 0 AND (SELECT is_merging FROM app_settings) = 0
 AND NEW.amount_minor > (SELECT due_minor FROM job_totals WHERE job_id = NEW.job_id)
BEGIN SELECT RAISE(ABORT, 'allocation_above_due'); END;

CREATE TRIGGER payment_allocations_before_insert_payment BEFORE INSERT ON payment_allocations
WHEN NEW.amount_minor > 0 AND (SELECT is_merging FROM app_settings) = 0
 AND NEW.amount_minor > (SELECT unallocated_minor FROM payment_totals WHERE payment_id = NEW.payment_id)
BEGIN SELECT RAISE(ABORT, 'allocation_above_payment'); END;

-- The currency gives every stored amount its meaning, so it cannot change once there is an amount.
CREATE TRIGGER settings_before_update_currency BEFORE UPDATE OF value ON settings
WHEN NEW.key = 'currency' AND NEW.value <> OLD.value AND (SELECT is_merging FROM app_settings) = 0
 AND EXISTS (SELECT 1 FROM ledger_entries)
BEGIN SELECT RAISE(ABORT, 'currency_fixed'); END;

-- Unsent rows of a former identity may be reissued under this PC's current one. Only this switch allows it, only
-- for an identity that this PC really had, and it is audited. Rows that were sent cannot be touched.
CREATE TRIGGER app_settings_before_update_reissuing BEFORE UPDATE OF reissuing_from ON app_settings
WHEN NEW.reissuing_from IS NOT NULL
 AND (NEW.reissuing_from = OLD.device_id
      OR NOT EXISTS (SELECT 1 FROM former_devices WHERE device_id = NEW.reissuing_from))
BEGIN SELECT RAISE(ABORT, 'identity_not_former'); END;

CREATE TRIGGER app_settings_after_update_reissuing AFTER UPDATE OF reissuing_from ON app_settings
WHEN NEW.reissuing_from IS NOT NULL
BEGIN
    INSERT INTO audit_logs (device_id, user_id, action, table_name, record_id, old_value, new_value,
                            created_at, updated_at)
    VALUES (NEW.device_id, NEW.user_id, 'UPDATE', 'devices', NEW.reissuing_from,
            json_object('records_of', NEW.reissuing_from), json_object('records_of', NEW.device_id),
            NEW.last_at, NEW.last_at);
END;
