//! The store in PostgreSQL: the common suite, and what is particular to a server.

use gantry_testbed::Database;

crate::both::suite!(Database);
