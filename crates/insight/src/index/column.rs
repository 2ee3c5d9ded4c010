//! A column of small numbers, one for each place, and which places have one within a range.

use std::ops::RangeInclusive;

use roaring::RoaringBitmap;

/// Numbers by place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column(Vec<u16>);

/// Places looked at in one go: as many as a container of a bitmap has.
const CHUNK: usize = 1 << 16;
/// Where fewer than one place in so many is asked for, each is looked up.
const SPARSE: u64 = 16;

impl Column {
    pub(crate) fn get(&self, place: u32) -> u16 {
        usize::try_from(place).ok().and_then(|at| self.0.get(at)).copied().unwrap_or(0)
    }

    pub(crate) fn set(&mut self, place: u32, number: u16) {
        let Ok(at) = usize::try_from(place) else { return };
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        if let Some(mine) = self.0.get_mut(at) {
            *mine = number;
        }
    }

    /// The places, among some, whose numbers lie in a range.
    pub(crate) fn within(
        &self,
        range: RangeInclusive<u16>,
        among: &RoaringBitmap,
    ) -> RoaringBitmap {
        if range.is_empty() {
            return RoaringBitmap::new();
        }
        if among.len() * SPARSE < u64::try_from(self.0.len()).unwrap_or(u64::MAX) {
            let places = among.iter().filter(|place| range.contains(&self.get(*place)));
            return RoaringBitmap::from_sorted_iter(places).unwrap_or_default();
        }
        let (low, span) = (*range.start(), range.end() - range.start());
        let mut found = RoaringBitmap::new();
        let mut bytes = vec![0; CHUNK / 8];
        for (number, chunk) in (0u32..).zip(self.0.chunks(CHUNK)) {
            let mut any = 0;
            for (byte, eight) in bytes.iter_mut().zip(chunk.chunks(8)) {
                *byte = bits(eight, low, span);
                any |= *byte;
            }
            if any != 0 {
                let bytes = bytes.get(..chunk.len().div_ceil(8)).unwrap_or_default();
                found |= RoaringBitmap::from_lsb0_bytes(number << u16::BITS, bytes);
            }
        }
        found &= among;
        found
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.capacity() * 2
    }
}

/// One bit for each of eight numbers that lies in a range.
fn bits(eight: &[u16], low: u16, span: u16) -> u8 {
    let mut lanes = [0; 8];
    for (lane, number) in lanes.iter_mut().zip(eight) {
        *lane = u8::from(number.wrapping_sub(low) <= span);
    }
    // Brings the lowest bit of each byte together in the highest byte.
    let gathered = u64::from_le_bytes(lanes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    u8::try_from(gathered & 0xff).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_range_is_what_a_plain_loop_finds(
            numbers in prop::collection::vec(0..9u16, 0..70),
            far in prop::option::of(0..200_000u32),
            low in 0..9u16,
            high in 0..9u16,
            step in 1..40usize,
        ) {
            let mut column = Column::default();
            for (place, number) in (0u32..).zip(&numbers) {
                column.set(place, *number);
            }
            if let Some(place) = far {
                column.set(place, 5);
            }
            let all: Vec<u32> = (0..u32::try_from(column.0.len()).unwrap()).step_by(step).collect();
            let plain: Vec<u32> =
                all.iter().copied().filter(|at| (low..=high).contains(&column.get(*at))).collect();
            let among: RoaringBitmap = all.into_iter().collect();
            let found: Vec<u32> = column.within(low..=high, &among).into_iter().collect();
            prop_assert_eq!(found, plain);
        }
    }
}
