//! The demo: an invented crane-service company and two years of its dealings.

mod cast;
mod chance;
pub(crate) mod dealings;
mod diary;
mod generate;
mod guide;
mod load;
pub(crate) mod material;
mod outreach;
mod people;
pub(crate) mod run;
mod staff;
mod stage;
mod tour;
mod trade;
mod upkeep;

pub(crate) use generate::generate;

#[cfg(test)]
mod tests;
