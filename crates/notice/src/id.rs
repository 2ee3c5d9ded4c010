//! Small numbers for what a notice names.
//!
//! Text ids (`crm`, `contact-details`) belong to files and people; inside the program everything is
//! a small number, given once by the [`Lexicon`](crate::Lexicon) and never reused.

/// At most this many purposes, over all versions of a notice: a set of purposes is one `u64`.
pub const MAX_PURPOSES: usize = 64;
/// At most this many fields in a category: a set of fields is one `u64`.
pub const MAX_FIELDS: usize = 64;

macro_rules! small_id {
    ($(#[$doc:meta])* $name:ident($int:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $int);

        impl $name {
            /// The number as an index into a table.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

small_id!(
    /// A purpose of the notice.
    PurposeId(u8)
);
small_id!(
    /// A named use within a purpose; it knows its purpose through the policy.
    UseId(u16)
);
small_id!(
    /// A data category.
    CategoryId(u8)
);
small_id!(
    /// A role that may work under a purpose.
    RoleId(u8)
);
small_id!(
    /// A kind of business object.
    KindId(u8)
);

impl PurposeId {
    /// The purpose's bit in a set of purposes.
    pub const fn bit(self) -> u64 {
        1u64 << (self.0 & 63)
    }
}

impl RoleId {
    /// The role's bit in a set of roles.
    pub const fn bit(self) -> u64 {
        1u64 << (self.0 & 63)
    }
}

/// A set of roles, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Roles(pub u64);

/// A set of fields of one category, one bit each in the order of the lexicon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fields(pub u64);

impl Fields {
    /// No field.
    pub const NONE: Fields = Fields(0);

    /// Whether the field at `index` is in the set.
    pub const fn has(self, index: usize) -> bool {
        index < MAX_FIELDS && self.0 & (1 << index) != 0
    }

    /// The set with the field at `index` added.
    #[must_use]
    pub const fn with(self, index: usize) -> Fields {
        if index < MAX_FIELDS { Fields(self.0 | (1 << index)) } else { self }
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub const fn minus(self, other: Fields) -> Fields {
        Fields(self.0 & !other.0)
    }

    /// Whether no field is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What is wanted of a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Operation {
    /// Look at a record.
    Read = 0,
    /// Store a new record.
    Collect = 1,
    /// Change what is stored.
    Change = 2,
    /// Make an interest or a segment of it.
    Derive = 3,
    /// Give it to a recipient outside.
    Disclose = 4,
}

impl Operation {
    /// All five, in order.
    pub const ALL: [Operation; 5] =
        [Self::Read, Self::Collect, Self::Change, Self::Derive, Self::Disclose];

    /// The operation's bit in a set of operations.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The word for it in files, answers and the audit trail.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Collect => "collect",
            Self::Change => "change",
            Self::Derive => "derive",
            Self::Disclose => "disclose",
        }
    }
}

/// A way to reach a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Channel {
    /// Electronic mail.
    Email = 0,
    /// Telephone and text message.
    Phone = 1,
    /// Letter post.
    Post = 2,
}

impl Channel {
    /// All three, in order.
    pub const ALL: [Channel; 3] = [Self::Email, Self::Phone, Self::Post];

    /// The word for it in files and answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Post => "post",
        }
    }

    /// The channel of that word.
    pub fn of_word(word: &str) -> Option<Channel> {
        Self::ALL.into_iter().find(|channel| channel.word() == word)
    }
}
