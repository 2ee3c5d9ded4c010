//! What each role asks for, how often: plain sequences of operations that know nothing of a store.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::choice::Choice;
use super::item::Field;

/// Lines of a log that are read at most.
const LINES: u32 = 1_000;

/// One operation, about record `n`, or about all that have what record `n` has in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// All fields of a record.
    ReadKey(u32),
    /// All fields of the records of its purpose.
    ReadPurpose(u32),
    /// All fields of the records of its user.
    ReadUser(u32),
    /// Puts all ten fields anew.
    UpdateKey(u32),
    /// Puts a field of the records of its purpose to the value of this one.
    UpdateByPurpose { n: u32, field: Field },
    /// Puts a field of the records of its user to the value of this one.
    UpdateByUser { n: u32, field: Field },
    /// Deletes a record.
    DeleteKey(u32),
    /// Puts a record that was not there.
    Insert(u32),
    /// All fields but the data, of the records of its user.
    MetadataOfUser(u32),
    /// So many of the last lines of the log.
    ReadLog(u32),
    /// Whether a record is there no more, and since when.
    VerifyDeletion(u32),
}

/// The kinds of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    ReadKey,
    ReadPurpose,
    ReadUser,
    UpdateKey,
    UpdateByPurpose,
    UpdateByUser,
    DeleteKey,
    Insert,
    MetadataOfUser,
    ReadLog,
    VerifyDeletion,
}

impl Kind {
    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Kind::ReadKey => "read by key",
            Kind::ReadPurpose => "read by purpose",
            Kind::ReadUser => "read by user",
            Kind::UpdateKey => "update by key",
            Kind::UpdateByPurpose => "update by purpose",
            Kind::UpdateByUser => "update by user",
            Kind::DeleteKey => "delete by key",
            Kind::Insert => "insert",
            Kind::MetadataOfUser => "metadata of a user",
            Kind::ReadLog => "log reading",
            Kind::VerifyDeletion => "verification of deletion",
        }
    }
}

impl Operation {
    pub(super) const fn kind(self) -> Kind {
        match self {
            Operation::ReadKey(_) => Kind::ReadKey,
            Operation::ReadPurpose(_) => Kind::ReadPurpose,
            Operation::ReadUser(_) => Kind::ReadUser,
            Operation::UpdateKey(_) => Kind::UpdateKey,
            Operation::UpdateByPurpose { .. } => Kind::UpdateByPurpose,
            Operation::UpdateByUser { .. } => Kind::UpdateByUser,
            Operation::DeleteKey(_) => Kind::DeleteKey,
            Operation::Insert(_) => Kind::Insert,
            Operation::MetadataOfUser(_) => Kind::MetadataOfUser,
            Operation::ReadLog(_) => Kind::ReadLog,
            Operation::VerifyDeletion(_) => Kind::VerifyDeletion,
        }
    }
}

/// A role, and with it how often it asks for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mix {
    Controller,
    Customer,
    Processor,
    Regulator,
}

impl Mix {
    /// All.
    pub(super) const ALL: [Mix; 4] =
        [Mix::Controller, Mix::Customer, Mix::Processor, Mix::Regulator];

    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Mix::Controller => "controller",
            Mix::Customer => "customer",
            Mix::Processor => "processor",
            Mix::Regulator => "regulator",
        }
    }

    /// Of a hundred operations, how many are of which kind.
    const fn weights(self) -> &'static [(Kind, u32)] {
        match self {
            Mix::Controller => &[
                (Kind::UpdateByPurpose, 25),
                (Kind::UpdateByUser, 25),
                (Kind::DeleteKey, 25),
                (Kind::Insert, 25),
            ],
            Mix::Customer => &[
                (Kind::ReadKey, 20),
                (Kind::ReadPurpose, 10),
                (Kind::ReadUser, 10),
                (Kind::UpdateKey, 20),
                (Kind::UpdateByPurpose, 10),
                (Kind::UpdateByUser, 10),
                (Kind::DeleteKey, 20),
            ],
            Mix::Processor => &[(Kind::ReadKey, 20), (Kind::ReadPurpose, 40), (Kind::ReadUser, 40)],
            Mix::Regulator => {
                &[(Kind::MetadataOfUser, 46), (Kind::ReadLog, 31), (Kind::VerifyDeletion, 23)]
            }
        }
    }

    fn weight(self, kind: Kind) -> u32 {
        let mut weights = self.weights().iter();
        weights.find(|(one, _)| *one == kind).map_or(0, |(_, weight)| *weight)
    }

    /// Operations on a store that holds so many records, without end; `expected` is how many of them
    /// are going to be taken. The same seed gives the same operations.
    pub(super) fn operations(self, records: u32, expected: u32, seed: u64) -> Operations {
        let choice = match self {
            Mix::Controller | Mix::Processor => Choice::Uniform { records },
            Mix::Customer | Mix::Regulator => {
                let to_come = u64::from(expected) * u64::from(self.weight(Kind::Insert)) / 100;
                Choice::zipfian(records, u32::try_from(to_come).unwrap_or(u32::MAX))
            }
        };
        Operations { mix: self, choice, there: records, chance: StdRng::seed_from_u64(seed) }
    }
}

/// The operations of a mix, one after another.
#[derive(Debug)]
pub(super) struct Operations {
    mix: Mix,
    choice: Choice,
    /// How many keys have been put so far, also if they were deleted since.
    there: u32,
    chance: StdRng,
}

impl Operations {
    fn kind(&mut self) -> Kind {
        let weights = self.mix.weights();
        let mut place = self.chance.random_range(0..100);
        for (kind, weight) in weights {
            if place < *weight {
                return *kind;
            }
            place -= weight;
        }
        weights.last().map_or(Kind::ReadKey, |(kind, _)| *kind)
    }

    fn n(&mut self) -> u32 {
        self.choice.next(&mut self.chance, self.there)
    }

    fn field(&mut self) -> Field {
        let place = self.chance.random_range(0..Field::CHANGED.len());
        Field::CHANGED.get(place).copied().unwrap_or(Field::Category)
    }
}

impl Iterator for Operations {
    type Item = Operation;

    fn next(&mut self) -> Option<Operation> {
        Some(match self.kind() {
            Kind::ReadKey => Operation::ReadKey(self.n()),
            Kind::ReadPurpose => Operation::ReadPurpose(self.n()),
            Kind::ReadUser => Operation::ReadUser(self.n()),
            Kind::UpdateKey => Operation::UpdateKey(self.n()),
            Kind::UpdateByPurpose => {
                Operation::UpdateByPurpose { n: self.n(), field: self.field() }
            }
            Kind::UpdateByUser => Operation::UpdateByUser { n: self.n(), field: self.field() },
            Kind::DeleteKey => Operation::DeleteKey(self.n()),
            Kind::Insert => {
                self.there += 1;
                Operation::Insert(self.there - 1)
            }
            Kind::MetadataOfUser => Operation::MetadataOfUser(self.n()),
            Kind::ReadLog => Operation::ReadLog(self.chance.random_range(1..=LINES)),
            Kind::VerifyDeletion => Operation::VerifyDeletion(self.n()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: u32 = 1_000;
    const COUNT: u32 = 100_000;

    fn taken(mix: Mix, seed: u64) -> Vec<Operation> {
        mix.operations(RECORDS, COUNT, seed).take(COUNT as usize).collect()
    }

    #[test]
    fn the_weights_of_every_mix_are_a_hundred() {
        for mix in Mix::ALL {
            assert_eq!(mix.weights().iter().map(|(_, weight)| weight).sum::<u32>(), 100);
        }
    }

    #[test]
    fn operations_come_as_often_as_their_weights_say() {
        for mix in Mix::ALL {
            let taken = taken(mix, 1);
            for (kind, weight) in mix.weights() {
                let times = taken.iter().filter(|one| one.kind() == *kind).count();
                let expected = *weight as usize * 1_000;
                let off = times.abs_diff(expected);
                assert!(off < 500, "{mix:?} {kind:?}: {times}, not about {expected}");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_operations_and_another_gives_others() {
        for mix in Mix::ALL {
            assert_eq!(taken(mix, 1), taken(mix, 1));
            assert_ne!(taken(mix, 1), taken(mix, 2));
        }
    }

    #[test]
    fn inserts_take_the_next_keys_in_order() {
        let inserted = taken(Mix::Controller, 1).into_iter().filter_map(|one| match one {
            Operation::Insert(n) => Some(n),
            _ => None,
        });
        assert!(inserted.zip(RECORDS..).all(|(n, expected)| n == expected));
    }

    #[test]
    fn updates_by_metadata_change_every_field_but_purpose_and_data() {
        let mut changed: Vec<Field> = taken(Mix::Controller, 1)
            .into_iter()
            .filter_map(|one| match one {
                Operation::UpdateByPurpose { field, .. }
                | Operation::UpdateByUser { field, .. } => Some(field),
                _ => None,
            })
            .collect();
        changed.sort_unstable();
        changed.dedup();
        assert_eq!(changed, Field::CHANGED);
    }

    #[test]
    fn logs_are_read_by_one_to_a_thousand_lines() {
        let lines = taken(Mix::Regulator, 1).into_iter().filter_map(|one| match one {
            Operation::ReadLog(lines) => Some(lines),
            _ => None,
        });
        let lines: Vec<u32> = lines.collect();
        assert_eq!(lines.iter().min(), Some(&1));
        assert_eq!(lines.iter().max(), Some(&LINES));
    }
}
