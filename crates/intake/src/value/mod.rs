//! Values in canonical text.
