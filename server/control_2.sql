-- Step 2: a shop's currency, from the first PC that joins with books of its own. Every amount gets its meaning
-- from it, so books in another one do not join.

ALTER TABLE cleanflow_control.shops ADD COLUMN currency TEXT CHECK (currency ~ '^[A-Z]{3}$');
