//! The store from outside.

mod make;
mod smoke;
