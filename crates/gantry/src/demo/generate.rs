//! From raw material, a day and a seed to two years of dealings.

use gantry_notice::Day;

use super::dealings::Dealings;
use super::diary::Diary;
use super::material::{Material, MaterialError};

/// Two years of dealings that end on `today`: the same for the same day and seed, and for another day
/// the same but moved.
pub(crate) fn generate(today: Day, seed: u64) -> Result<Dealings, MaterialError> {
    let material = Material::read()?;
    let mut diary = Diary::new(&material, today, seed);
    diary.offering();
    diary.meet_everybody();
    for company in &material.companies {
        diary.trade_with(company);
        diary.look_after(company);
    }
    diary.reach_out();
    let mut dealings = diary.dealings;
    dealings.records.sort_by_key(|record| record.at);
    dealings.statements.sort_by_key(|statement| statement.at);
    dealings.cast = dealings.choose_cast()?;
    Ok(dealings)
}
