-- Indexes for lists, searches and sums. Each index costs one more page write per row, so an index that only some
-- rows need is partial.

CREATE INDEX customers_by_name ON customers (name COLLATE NOCASE, id);
CREATE INDEX customers_inactive ON customers (name COLLATE NOCASE, id) WHERE is_active = 0;
CREATE INDEX customers_by_external_key ON customers (external_key) WHERE external_key IS NOT NULL;

CREATE INDEX jobs_by_customer ON jobs (customer_id, business_date, created_at);
CREATE INDEX jobs_by_date ON jobs (business_date, created_at);
CREATE INDEX jobs_open_by_due_date ON jobs (work_status, due_date)
    WHERE work_status IN ('RECEIVED', 'IN_PROGRESS', 'READY');
CREATE INDEX jobs_by_promise ON jobs (coalesce(due_date, '9999-12-31'), business_date, created_at);
CREATE INDEX jobs_cancelled_by_date ON jobs (business_date, created_at) WHERE work_status = 'CANCELLED';
CREATE INDEX jobs_by_external_key ON jobs (external_key) WHERE external_key IS NOT NULL;

CREATE INDEX job_adjustments_by_job ON job_adjustments (job_id);
CREATE INDEX job_adjustments_by_date ON job_adjustments (business_date);
CREATE INDEX job_adjustments_by_reversed ON job_adjustments (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE INDEX payments_by_customer ON payments (customer_id, business_date, created_at);
CREATE INDEX payments_by_date ON payments (business_date, created_at);
CREATE INDEX payments_corrections ON payments (kind, business_date, created_at) WHERE kind <> 'PAYMENT';
CREATE INDEX payments_by_reversed ON payments (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX payments_by_external_key ON payments (external_key) WHERE external_key IS NOT NULL;

CREATE INDEX payment_allocations_by_job ON payment_allocations (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX payment_allocations_by_refund ON payment_allocations (refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX payment_allocations_by_payment ON payment_allocations (payment_id);

CREATE INDEX expenses_by_date ON expenses (business_date, created_at);
CREATE INDEX expenses_by_category ON expenses (category_id, business_date);
CREATE INDEX expenses_by_reversed ON expenses (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX expenses_by_external_key ON expenses (external_key) WHERE external_key IS NOT NULL;

CREATE INDEX drawer_movements_by_date ON drawer_movements (business_date);

CREATE INDEX day_closings_by_date ON day_closings (business_date, created_at);

CREATE INDEX ledger_entries_by_date ON ledger_entries (business_date);
CREATE INDEX ledger_entries_by_customer ON ledger_entries (customer_id, business_date)
    WHERE customer_id IS NOT NULL;
CREATE INDEX ledger_entries_rare ON ledger_entries (kind, business_date)
    WHERE kind NOT IN ('JOB', 'PAYMENT', 'EXPENSE');

CREATE INDEX audit_logs_by_time ON audit_logs (created_at);
CREATE INDEX audit_logs_by_record ON audit_logs (record_id, created_at);
CREATE INDEX audit_logs_overwritten ON audit_logs (created_at) WHERE action = 'OVERWRITTEN';
