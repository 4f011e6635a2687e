-- Derived numbers follow the facts. Every step is an addition to an upserted row, so the order in which
-- facts arrive does not matter, and none of them touches a synced row.

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

-- Reversing a payment takes its money away. (Reversing a refund releases the refund's allocations.)
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
