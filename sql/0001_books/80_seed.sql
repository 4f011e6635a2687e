-- Made from cleanflow/records by `python3 -m release schema`: change the declaration, not this file.

-- What every PC starts with. The ids are fixed, so that PCs that join do not give the shop three of each;
-- device_id 0… means "no PC": these rows are the same everywhere and nobody has to send them.

INSERT INTO app_settings (singleton, last_at) VALUES (1, '1970-01-01T00:00:00.000000Z');
INSERT INTO sync_state (singleton) VALUES (1);
INSERT INTO reference_counters (series) VALUES ('JOB'), ('RECEIPT'), ('EXPENSE'), ('DRAWER'), ('CLOSING');

WITH seed (number, name, kind) AS (VALUES
    ('1000', 'Cash', 'ASSET'),
    ('1010', 'Bank', 'ASSET'),
    ('1200', 'Accounts receivable', 'ASSET'),
    ('3000', 'Opening balances', 'EQUITY'),
    ('3100', 'Owner''s funds', 'EQUITY'),
    ('4000', 'Service revenue', 'INCOME'),
    ('4100', 'Discounts given', 'INCOME'),
    ('4200', 'Price adjustments', 'INCOME'),
    ('4300', 'Cancelled jobs', 'INCOME'),
    ('5000', 'Other expenses', 'EXPENSE'),
    ('5010', 'Supplies', 'EXPENSE'),
    ('5020', 'Rent', 'EXPENSE'),
    ('5030', 'Wages', 'EXPENSE'),
    ('5040', 'Electricity and water', 'EXPENSE'),
    ('5050', 'Transport', 'EXPENSE'),
    ('5060', 'Repairs', 'EXPENSE'),
    ('5900', 'Bad debts written off', 'EXPENSE'),
    ('5950', 'Cash over and short', 'EXPENSE'))
INSERT INTO accounts (id, device_id, name, kind, created_at, updated_at, written_by, sync_status)
SELECT '00000000-0000-4000-8000-00000000' || number, '00000000-0000-0000-0000-000000000000', name, kind,
       '1970-01-01T00:00:00.000000Z', '1970-01-01T00:00:00.000000Z',
       '00000000-0000-0000-0000-000000000000', 'SYNCED'
  FROM seed;

INSERT INTO expense_categories (id, device_id, name, account_id, created_at, updated_at, written_by,
                                sync_status)
SELECT '00000000-0000-4000-8001-00000000' || substr(id, 33), device_id, name, id,
       created_at, updated_at, written_by, sync_status
  FROM accounts WHERE substr(id, 33) IN ('5000', '5010', '5020', '5030', '5040', '5050', '5060');

WITH seed (number, key, value) AS (VALUES
    ('01', 'shop_name', ''),
    ('02', 'shop_address', ''),
    ('03', 'shop_phone', ''),
    ('04', 'currency', 'USD'),
    ('05', 'day_starts_at', '0'),  -- hour at which the shop's day begins, 0 to 12
    ('06', 'date_order', 'DMY'),  -- how the shop writes dates: DMY, MDY, YMD
    ('07', 'variance_limit', ''),  -- a drawer's difference above it needs an owner; minor units, '' none
    ('08', 'blind_count', '0'),  -- 1: what is expected is shown only after counting
    ('09', 'country', '')  -- ISO 3166, for phone numbers; '' by number or currency
)
INSERT INTO settings (id, device_id, key, value, created_at, updated_at, written_by, sync_status)
SELECT '00000000-0000-4000-8002-0000000000' || number, '00000000-0000-0000-0000-000000000000', key, value,
       '1970-01-01T00:00:00.000000Z', '1970-01-01T00:00:00.000000Z',
       '00000000-0000-0000-0000-000000000000', 'SYNCED'
  FROM seed;
