-- Step 2: the mark of a PC's last push that brought something new. A PC notes its marks before it uses
-- them: one that it does not know tells it that somebody else writes in its name (a copy, an old backup
-- brought back), one that is not its newest that this database was restored.

ALTER TABLE last_syncs ADD COLUMN push_mark TEXT;
