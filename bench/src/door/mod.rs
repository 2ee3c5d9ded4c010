//! The bench suites behind the door: reading, importing and exporting, with their peers.
