-- The keys, in a database of their own. A deleted key lies in its page until that is cleaned up: soon.
CREATE TABLE key (
    slot bigint NOT NULL, contact uuid NOT NULL, wrapped bytea NOT NULL,
    PRIMARY KEY (contact, slot)
) WITH (
    autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 100000
);

-- How many contacts' keys were destroyed. The other database counts how many were to be.
CREATE TABLE erasures (
    one boolean NOT NULL DEFAULT true CHECK (one), count bigint NOT NULL,
    PRIMARY KEY (one)
);
INSERT INTO erasures (count) VALUES (0);

-- Of whom there was a key that had to go: a contact without a key is erased, or lacks it.
CREATE TABLE destroyed (
    contact uuid NOT NULL,
    PRIMARY KEY (contact)
);

-- The id that the database of the store bears as well, once there is one (`taken`).
CREATE TABLE pair (
    one boolean NOT NULL DEFAULT true CHECK (one), taken boolean NOT NULL, id uuid NOT NULL,
    PRIMARY KEY (one)
);
INSERT INTO pair (taken, id) VALUES (false, gen_random_uuid());
