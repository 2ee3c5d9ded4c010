-- All but the keys. What belongs to a contact is keyed by the contact, look-ups by their hash, objects
-- by their id, so that each of them can be spread over shards; see `shard.rs`.
--
-- An edition stands last in the keys, in falling order, so that the first visible row of a key counts.
-- `kept_key` of an erased contact is the slot of the key of what is kept.

CREATE TABLE contact (
    edition bigint NOT NULL, version bigint NOT NULL, created bigint NOT NULL, kept_key bigint,
    erased boolean NOT NULL, id uuid NOT NULL, company uuid, country bytea NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX contact_company ON contact (company, id) WHERE company IS NOT NULL;
CREATE INDEX contact_country ON contact (country, id);
CREATE INDEX contact_erased ON contact (id) WHERE erased;

CREATE TABLE record (
    edition bigint NOT NULL, version bigint NOT NULL, at bigint NOT NULL,
    closed integer NOT NULL, keep_until integer NOT NULL, notice integer NOT NULL,
    objected integer NOT NULL, expires bigint NOT NULL,
    category smallint NOT NULL, collected_for smallint NOT NULL, about_kind smallint,
    contact uuid NOT NULL, id uuid NOT NULL, about_id uuid,
    source text NOT NULL, open bytea NOT NULL, sealed bytea NOT NULL
) WITH (fillfactor = 85); -- room for what changes in its place, so that no index is written to
CREATE UNIQUE INDEX record_key ON record (contact, category, id, edition DESC);
ALTER TABLE record REPLICA IDENTITY USING INDEX record_key;
CREATE INDEX record_about ON record (about_kind, about_id, contact, category, id)
    WHERE about_kind IS NOT NULL;
CREATE INDEX record_collected ON record (collected_for, category, contact, id);
CREATE INDEX record_expires ON record (expires, contact, category, id)
    WHERE expires < 9223372036854775807;
-- What is sealed cannot be compressed.
ALTER TABLE record ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE lookup (
    edition bigint NOT NULL, tag smallint NOT NULL, hash uuid NOT NULL, id uuid NOT NULL,
    PRIMARY KEY (hash, tag, id, edition)
);
CREATE INDEX lookup_target ON lookup (tag, id);

CREATE TABLE object (
    edition bigint NOT NULL, version bigint NOT NULL, created bigint NOT NULL, at bigint NOT NULL,
    closed integer NOT NULL, kind smallint NOT NULL, id uuid NOT NULL, company uuid, part_of uuid,
    person uuid, state text NOT NULL, body bytea NOT NULL
);
CREATE UNIQUE INDEX object_key ON object (kind, id, edition DESC);
ALTER TABLE object REPLICA IDENTITY USING INDEX object_key;
CREATE INDEX object_company ON object (kind, company, id) WHERE company IS NOT NULL;
CREATE INDEX object_part_of ON object (kind, part_of, id) WHERE part_of IS NOT NULL;
CREATE INDEX object_at ON object (kind, at, id);

CREATE TABLE entry (
    space smallint NOT NULL, key bytea NOT NULL, value bytea NOT NULL,
    PRIMARY KEY (space, key)
);

-- Who writes: a process leases a node, and with it a chain of the audit trail, for as long as it
-- lives. The epoch grows with every lease, so that one that was lost is known to be lost. `groups`
-- counts what was committed under the lease.
CREATE TABLE node (
    id uuid NOT NULL, epoch bigint NOT NULL, leased_until timestamptz NOT NULL,
    groups bigint NOT NULL, sequence bigint NOT NULL, hash bytea NOT NULL,
    PRIMARY KEY (id)
) WITH (fillfactor = 50);

CREATE TABLE audit (
    sequence bigint NOT NULL, at bigint NOT NULL, entries bigint NOT NULL, chain uuid NOT NULL,
    body bytea NOT NULL, previous bytea NOT NULL, hash bytea NOT NULL,
    PRIMARY KEY (chain, sequence)
);
ALTER TABLE audit ALTER COLUMN body SET STORAGE EXTERNAL;

-- The feed. `feed` has one row, which every commit updates last of all: it gives the changes their
-- numbers in the order of the commits, without gaps.
CREATE TABLE change (
    number bigint NOT NULL, tag smallint, id uuid,
    PRIMARY KEY (number)
);
CREATE TABLE feed (
    one boolean NOT NULL DEFAULT true CHECK (one), head bigint NOT NULL, erasures bigint NOT NULL,
    PRIMARY KEY (one)
) WITH (fillfactor = 10);
INSERT INTO feed (head, erasures) VALUES (0, 0);

-- Editions that are not published, who writes them, and what has rows of them (also look-ups) that
-- are not settled; `layered` where such a row lies over or under one of another edition.
CREATE SEQUENCE edition_number;
CREATE TABLE pending (
    edition bigint NOT NULL, discarded boolean NOT NULL, epoch bigint, node uuid, note bytea NOT NULL,
    PRIMARY KEY (edition)
);
CREATE TABLE staged (
    edition bigint NOT NULL, tag smallint NOT NULL, layered boolean NOT NULL, id uuid NOT NULL,
    PRIMARY KEY (edition, tag, id)
);

-- The id that the database of this store's keys bears as well.
CREATE TABLE pair (
    one boolean NOT NULL DEFAULT true CHECK (one), id uuid NOT NULL,
    PRIMARY KEY (one)
);

-- Contacts whose keys are to be destroyed, all or all but one: they stay here until that is done.
CREATE TABLE doomed (
    contact uuid NOT NULL, keep bigint,
    PRIMARY KEY (contact)
);
