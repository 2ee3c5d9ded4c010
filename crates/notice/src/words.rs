//! The words that a notice file uses for closed lists.

use crate::id::Operation;
use crate::model::{Basis, Belongs, FieldKind, Mode, Objection, OptIn, Search};

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// All of them, in the order of the reference.
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// The word for it in files and answers.
            pub const fn word(self) -> &'static str {
                match self {
                    $($type::$variant => $word,)+
                }
            }

            /// What the word stands for.
            pub fn of_word(word: &str) -> Option<$type> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }
    };
}

words!(Basis {
    Consent = "consent",
    Contract = "contract",
    LegalObligation = "legal-obligation",
    VitalInterests = "vital-interests",
    LegitimateInterest = "legitimate-interest",
});

words!(Mode { Identified = "identified", Pseudonymous = "pseudonymous", Aggregate = "aggregate" });

words!(Objection { Absolute = "absolute", Weighed = "weighed", None = "none" });

words!(OptIn { OptIn = "opt-in", SoftOptIn = "soft-opt-in", OptOut = "opt-out" });

words!(Belongs { Required = "required", Optional = "optional", None = "none" });

words!(Search { Exact = "exact", Words = "words" });

impl Basis {
    /// The name of it for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalObligation => "legal obligation",
            Self::VitalInterests => "vital interests",
            Self::LegitimateInterest => "legitimate interest",
        }
    }

    /// Where the GDPR says so.
    pub const fn article(self) -> &'static str {
        match self {
            Self::Consent => "Art. 6(1)(a)",
            Self::Contract => "Art. 6(1)(b)",
            Self::LegalObligation => "Art. 6(1)(c)",
            Self::VitalInterests => "Art. 6(1)(d)",
            Self::LegitimateInterest => "Art. 6(1)(f)",
        }
    }
}

impl Operation {
    /// The operation of that word.
    pub fn of_word(word: &str) -> Option<Operation> {
        Self::ALL.into_iter().find(|operation| operation.word() == word)
    }
}

impl FieldKind {
    /// The kinds that have no bound or list of their own.
    pub const PLAIN: [FieldKind; 11] = [
        Self::Label,
        Self::Reference,
        Self::Email,
        Self::Phone,
        Self::Country,
        Self::Language,
        Self::Date,
        Self::Time,
        Self::Integer,
        Self::Money,
        Self::Flag,
    ];

    /// The word for it in files and answers.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Label => "label",
            Self::Reference => "reference",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Country => "country",
            Self::Language => "language",
            Self::Date => "date",
            Self::Time => "time",
            Self::Integer => "integer",
            Self::Money => "money",
            Self::Flag => "flag",
            Self::Code { .. } => "code",
        }
    }
}
