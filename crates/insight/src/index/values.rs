//! The values of an attribute: for each value, a bitmap of the places that have it.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::index::bytes_of;
use crate::index::column::Column;
use crate::profile::Attribute;

/// Values by place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    /// The number of its value for each place, from 1; 0 is none.
    column: Column,
    known: Vec<(Attribute, RoaringBitmap)>,
    texts: BTreeMap<String, u16>,
}

/// Values that are told apart, at most; whoever has yet another one is taken to have none.
const MOST: u16 = 65_000;

impl Values {
    pub(crate) fn set(&mut self, place: u32, value: Option<Attribute>) {
        let before = self.column.get(place);
        let number = value.map_or(0, |value| self.number(value));
        if number == before {
            return;
        }
        if let Some((_, places)) = self.bitmap(before) {
            places.remove(place);
        }
        if let Some((_, places)) = self.bitmap(number) {
            places.insert(place);
        }
        self.column.set(place, number);
    }

    pub(crate) fn get(&self, place: u32) -> Option<&Attribute> {
        let at = usize::from(self.column.get(place)).checked_sub(1)?;
        self.known.get(at).map(|(value, _)| value)
    }

    /// The places whose value is such.
    pub(crate) fn such(&self, is_such: impl Fn(&Attribute) -> bool) -> RoaringBitmap {
        let mut fitting = self.known.iter().filter(|(value, _)| is_such(value));
        let mut found = fitting.next().map(|(_, places)| places.clone()).unwrap_or_default();
        fitting.for_each(|(_, places)| found |= places);
        found
    }

    pub(crate) fn bytes(&self) -> usize {
        self.column.bytes() + self.known.iter().map(|(_, places)| bytes_of(places)).sum::<usize>()
    }

    fn bitmap(&mut self, number: u16) -> Option<&mut (Attribute, RoaringBitmap)> {
        self.known.get_mut(usize::from(number).checked_sub(1)?)
    }

    fn number(&mut self, value: Attribute) -> u16 {
        let known = match &value {
            Attribute::Text(text) => self.texts.get(text).copied(),
            _ => (1..).zip(&self.known).find(|(_, (known, _))| *known == value).map(|(n, _)| n),
        };
        known.unwrap_or_else(|| {
            let Some(number) = u16::try_from(self.known.len() + 1).ok().filter(|n| *n < MOST)
            else {
                return 0;
            };
            if let Attribute::Text(text) = &value {
                self.texts.insert(text.clone(), number);
            }
            self.known.push((value, RoaringBitmap::new()));
            number
        })
    }
}
