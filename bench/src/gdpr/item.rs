//! The records of the benchmark: every value a function of the record's number.

/// The fields of a record, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// The purpose that it was collected for.
    Purpose,
    /// The seconds that it may live.
    Ttl,
    /// The person it is about.
    User,
    /// The use that the person objects to.
    Objection,
    /// Whether it may feed an automated decision.
    Decision,
    /// Who may see it.
    Access,
    /// With whom it is shared.
    Shared,
    /// Where it came from.
    Source,
    /// What kind of data it is.
    Category,
    /// The data itself.
    Data,
}

impl Field {
    /// All, in order.
    pub(super) const ALL: [Field; 10] = [
        Field::Purpose,
        Field::Ttl,
        Field::User,
        Field::Objection,
        Field::Decision,
        Field::Access,
        Field::Shared,
        Field::Source,
        Field::Category,
        Field::Data,
    ];

    /// Those of which an update by metadata changes one.
    pub(super) const CHANGED: [Field; 8] = [
        Field::Ttl,
        Field::User,
        Field::Objection,
        Field::Decision,
        Field::Access,
        Field::Shared,
        Field::Source,
        Field::Category,
    ];

    /// Its short name, as a column has it.
    pub(super) const fn column(self) -> &'static str {
        match self {
            Field::Purpose => "pur",
            Field::Ttl => "ttl",
            Field::User => "usr",
            Field::Objection => "obj",
            Field::Decision => "dec",
            Field::Access => "acl",
            Field::Shared => "shr",
            Field::Source => "src",
            Field::Category => "cat",
            Field::Data => "data",
        }
    }

    /// The value that record `n` has in it.
    pub(super) fn value(self, n: u32) -> String {
        match self {
            Field::Purpose => format!("purpose{}", n % PURPOSES),
            Field::Ttl => ttl(n).to_string(),
            Field::User => format!("user{}", n % USERS),
            Field::Objection => format!("obj{}", n % 100),
            Field::Decision => format!("dec{}", n % 2),
            Field::Access => format!("acl{}", n % 10),
            Field::Shared => format!("shr{}", n % 10),
            Field::Source => format!("src{}", n % 10),
            Field::Category => format!("cat{}", n % 10),
            Field::Data => data(n),
        }
    }
}

/// How many purposes there are.
pub(super) const PURPOSES: u32 = 25;
/// How many people.
pub(super) const USERS: u32 = 10_000;
/// How long a record may live; one in ten for half a minute only.
const TTLS: [i32; 10] =
    [30, 10_000, 12_000, 14_000, 16_000, 18_000, 20_000, 22_000, 24_000, 1_000_000];
/// Characters of the data.
const LENGTH: usize = 100;

/// The key of record `n`.
pub(super) fn key(n: u32) -> String {
    format!("key{n}")
}

/// Seconds that record `n` may live.
pub(super) fn ttl(n: u32) -> i32 {
    let place = usize::try_from(n).unwrap_or(0) % TTLS.len();
    TTLS.get(place).copied().unwrap_or(0)
}

/// The number, and the hash of all that stands before it, in turn, cut at its length.
fn data(n: u32) -> String {
    let mut text = String::with_capacity(LENGTH + 22);
    while text.len() < LENGTH {
        text.push_str(&n.to_string());
        text.push_str(&hash(&text).to_string());
    }
    text.truncate(LENGTH);
    text
}

/// The hash that Java gives a text of ASCII characters.
fn hash(text: &str) -> i32 {
    text.bytes().fold(0_i32, |hash, byte| hash.wrapping_mul(31).wrapping_add(i32::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_a_function_of_the_number() {
        let values = Field::ALL.map(|field| field.value(123_456));
        let metadata =
            ["purpose6", "20000", "user3456", "obj56", "dec0", "acl6", "shr6", "src6", "cat6"];
        assert_eq!(values[..9], metadata);
        assert_eq!(key(123_456), "key123456");
    }

    #[test]
    fn data_is_the_number_and_the_hash_of_what_stands_before_in_turn() {
        // Java: "7".hashCode() is 55, and "7557".hashCode() is 1691136.
        assert!(data(7).starts_with("75571691136"));
        assert_eq!([0, 9, 4_294_967_295].map(|n| data(n).len()), [LENGTH; 3]);
    }

    #[test]
    fn hashes_overflow_as_they_do_in_java() {
        assert_eq!(hash("hello"), 99_162_322);
        assert_eq!(hash("polygenelubricants"), i32::MIN);
    }

    #[test]
    fn one_record_in_ten_lives_for_half_a_minute() {
        assert_eq!((0..1_000).filter(|n| ttl(*n) == 30).count(), 100);
    }
}
