//! Reactions of many, packed: eight bytes each, those of one contact beside each other.
//!
//! Each contact has a block of a size out of a few, two to a doubling; whoever outgrows one moves to the
//! next, and leaves the old one to somebody else.

use crate::model::{Kind, Topic};

/// A reaction in eight bytes: milliseconds since [`EPOCH`], kind, topic. By time, where they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event(u64);

/// 2000-01-01; 44 bits of milliseconds reach for 557 years.
const EPOCH: i64 = 946_684_800_000;
const TIME: u32 = 44;
const KIND: u32 = 6;
/// No topic.
const NONE: u64 = (1 << (64 - TIME - KIND)) - 1;

impl Event {
    /// None where a moment, kind or topic is beyond what can be packed.
    pub(crate) fn of(at: i64, kind: Kind, topic: Option<Topic>) -> Option<Event> {
        let time = u64::try_from(at.checked_sub(EPOCH)?).ok().filter(|time| time >> TIME == 0)?;
        let kind = u64::try_from(kind.0).ok().filter(|kind| kind >> KIND == 0)?;
        let topic = match topic {
            Some(Topic(place)) => u64::try_from(place).ok().filter(|place| *place < NONE)?,
            None => NONE,
        };
        Some(Event(time << (64 - TIME) | kind << (64 - TIME - KIND) | topic))
    }

    /// When, in milliseconds since 1970.
    pub(crate) fn at(self) -> i64 {
        i64::try_from(self.0 >> (64 - TIME)).unwrap_or(0) + EPOCH
    }

    pub(crate) fn kind(self) -> Kind {
        Kind(usize::try_from(self.0 >> (64 - TIME - KIND) & ((1 << KIND) - 1)).unwrap_or(0))
    }

    pub(crate) fn topic(self) -> Option<Topic> {
        let place = self.0 & NONE;
        (place != NONE).then(|| Topic(usize::try_from(place).unwrap_or(0)))
    }
}

/// The reactions of contacts, by their places.
#[derive(Debug, Default)]
pub(crate) struct Events {
    cells: Vec<u64>,
    blocks: Vec<Block>,
    /// Blocks that somebody left, by size.
    left: Vec<Vec<u32>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Block {
    start: u32,
    len: u16,
    /// The place of its size among the sizes; 0 is none.
    size: u8,
}

/// How many cells blocks have: 1, 2, 3, 4, 6, 8, 12, 16, 24 ...
fn cells_of(size: u8) -> usize {
    match size {
        0 => 0,
        1 => 1,
        even if even % 2 == 0 => 1 << (even / 2),
        odd => 3 << (odd / 2 - 1),
    }
}

fn size_for(cells: usize) -> u8 {
    (0..=u8::MAX).find(|size| cells_of(*size) >= cells).unwrap_or(u8::MAX)
}

impl Events {
    /// The most that one contact can have; of more, the latest are kept.
    pub(crate) const MOST: usize = 49_152;

    pub(crate) fn of(&self, place: u32) -> impl DoubleEndedIterator<Item = Event> {
        let block = self.block(place);
        let start = usize_of(block.start);
        let cells = self.cells.get(start..start + usize::from(block.len)).unwrap_or_default();
        cells.iter().copied().map(Event)
    }

    /// Puts the reactions of a contact in place of those of before.
    pub(crate) fn put(&mut self, place: u32, events: &[Event]) {
        let events = events.get(events.len().saturating_sub(Self::MOST)..).unwrap_or_default();
        self.make_room(place, events.len(), false);
        let start = usize_of(self.block(place).start);
        for (cell, event) in self.cells.iter_mut().skip(start).zip(events) {
            *cell = event.0;
        }
        self.set_len(place, events.len());
    }

    /// Adds one reaction of a contact.
    pub(crate) fn push(&mut self, place: u32, event: Event) {
        let block = self.block(place);
        let len = usize::from(block.len);
        if len >= Self::MOST {
            return;
        }
        if len == cells_of(block.size) {
            self.make_room(place, len + 1, true);
        }
        let start = usize_of(self.block(place).start);
        if let Some(cell) = self.cells.get_mut(start + len) {
            *cell = event.0;
            self.set_len(place, len + 1);
        }
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.cells.capacity() * 8
            + self.blocks.capacity() * size_of::<Block>()
            + self.left.iter().map(|left| left.capacity() * 4).sum::<usize>()
    }

    fn block(&self, place: u32) -> Block {
        self.blocks.get(usize_of(place)).copied().unwrap_or_default()
    }

    fn set_len(&mut self, place: u32, len: usize) {
        if let Some(block) = self.blocks.get_mut(usize_of(place)) {
            block.len = u16::try_from(len).unwrap_or(u16::MAX);
        }
    }

    /// Sees to it that there is room for so many, and keeps what is there or not.
    fn make_room(&mut self, place: u32, cells: usize, keep: bool) {
        let at = usize_of(place);
        if self.blocks.len() <= at {
            self.blocks.resize(at + 1, Block::default());
        }
        let old = self.block(place);
        let size = size_for(cells);
        if size == old.size || keep && size < old.size {
            return;
        }
        let reused = self.left.get_mut(usize::from(size)).and_then(Vec::pop);
        let start = reused.map_or(self.cells.len(), usize_of);
        if reused.is_none() {
            self.cells.resize(start + cells_of(size), 0);
        }
        if keep {
            let from = usize_of(old.start);
            self.cells.copy_within(from..from + usize::from(old.len), start);
        }
        if old.size > 0 {
            if self.left.len() <= usize::from(old.size) {
                self.left.resize(usize::from(old.size) + 1, Vec::new());
            }
            if let Some(left) = self.left.get_mut(usize::from(old.size)) {
                left.push(old.start);
            }
        }
        if let Some(block) = self.blocks.get_mut(at) {
            *block = Block { start: u32::try_from(start).unwrap_or(u32::MAX), size, ..old };
        }
    }
}

fn usize_of(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reaction_packed_is_the_same_unpacked() {
        for topic in [None, Some(Topic(0)), Some(Topic(4))] {
            let event = Event::of(1_780_000_000_123, Kind(8), topic).unwrap();
            let seen = (event.at(), event.kind(), event.topic());
            assert_eq!(seen, (1_780_000_000_123, Kind(8), topic));
        }
        assert_eq!(Event::of(0, Kind(1), None), None, "before the year 2000");
    }

    #[test]
    fn sizes_are_two_to_a_doubling() {
        let sizes: Vec<usize> = (0..10).map(cells_of).collect();
        assert_eq!(sizes, [0, 1, 2, 3, 4, 6, 8, 12, 16, 24]);
        assert_eq!(cells_of(size_for(Events::MOST)), Events::MOST);
    }

    proptest! {
        #[test]
        fn blocks_hold_what_a_list_of_lists_holds(
            acts in prop::collection::vec((0..6u32, prop::option::of(0..9i64)), 0..200),
        ) {
            let mut events = Events::default();
            let mut plain = vec![Vec::<Event>::new(); 6];
            for (number, (place, whole)) in (0i64..).zip(acts) {
                let event = |n: i64| Event::of(EPOCH + n, Kind(1), None).unwrap();
                let mine = &mut plain[usize_of(place)];
                if let Some(len) = whole {
                    *mine = (0..len).map(|n| event(number * 100 + n)).collect();
                    events.put(place, mine);
                } else {
                    mine.push(event(number * 100));
                    events.push(place, event(number * 100));
                }
            }
            for (place, mine) in (0u32..).zip(&plain) {
                prop_assert_eq!(&events.of(place).collect::<Vec<_>>(), mine);
            }
        }
    }
}
