-- The control schema: which shops there are, which PCs may speak for them, and who may read the owner's
-- page. No record of a shop's books is in here; those are in one schema a shop (schema.sql).
--
-- A secret (join code, token, key of a link) is never kept, only its SHA-256.
-- This is step 1. A released step never changes: what comes later is a further file in database.py's list.

CREATE SCHEMA IF NOT EXISTS cleanflow_control;

CREATE TABLE cleanflow_control.steps (      -- which of database.py's steps this database has had
    number  INTEGER PRIMARY KEY,
    done_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE cleanflow_control.shops (
    id          UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name        TEXT NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    -- Made from the id by the database itself, so that no text from outside can ever be a schema's name.
    schema_name TEXT NOT NULL GENERATED ALWAYS AS ('shop_' || replace(id::text, '-', '')) STORED UNIQUE,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX shops_by_name ON cleanflow_control.shops (lower(name));

CREATE TABLE cleanflow_control.devices (    -- a PC that joined; its code is never given to another one
    shop_id      UUID NOT NULL REFERENCES cleanflow_control.shops (id),
    device_id    UUID NOT NULL,
    code         TEXT NOT NULL CHECK (code ~ '^[A-Z0-9]{1,6}$'),
    name         TEXT NOT NULL DEFAULT '' CHECK (length(name) <= 200),
    token_hash   BYTEA NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    joined_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    last_seen_at TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    PRIMARY KEY (shop_id, device_id),
    UNIQUE (shop_id, code)
);

-- A PC whose backup was restored goes on as a new device, and may still bring what the old one had recorded.
CREATE TABLE cleanflow_control.predecessors (
    shop_id        UUID NOT NULL,
    device_id      UUID NOT NULL,
    predecessor_id UUID NOT NULL CHECK (predecessor_id <> device_id),
    PRIMARY KEY (shop_id, device_id, predecessor_id),
    FOREIGN KEY (shop_id, device_id) REFERENCES cleanflow_control.devices (shop_id, device_id)
);

CREATE TABLE cleanflow_control.join_codes ( -- used once, and soon
    code_hash  BYTEA PRIMARY KEY CHECK (length(code_hash) = 32),
    shop_id    UUID NOT NULL REFERENCES cleanflow_control.shops (id),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at TIMESTAMPTZ NOT NULL,
    used_at    TIMESTAMPTZ,
    used_by    UUID
);

CREATE TABLE cleanflow_control.owner_links (  -- a link is opened once; the browser then holds a session
    key_hash           BYTEA PRIMARY KEY CHECK (length(key_hash) = 32),
    shop_id            UUID NOT NULL REFERENCES cleanflow_control.shops (id),
    expires_at         TIMESTAMPTZ NOT NULL,
    used_at            TIMESTAMPTZ,
    session_hash       BYTEA UNIQUE CHECK (length(session_hash) = 32),
    session_expires_at TIMESTAMPTZ,
    CHECK ((session_hash IS NULL) = (session_expires_at IS NULL))
);
