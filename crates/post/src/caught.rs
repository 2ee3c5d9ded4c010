//! Mail that does not leave the house: kept in memory, so that it can be looked at.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::address::Address;
use crate::error::PostError;
use crate::mail::Mail;

/// So many mails are kept; the oldest go.
pub const MAX_CAUGHT: usize = 200;

/// Mail caught in memory; a clone is the same memory.
#[derive(Clone)]
pub struct Caught {
    from: Address,
    mails: Arc<Mutex<VecDeque<Mail>>>,
}

impl Caught {
    pub(crate) fn new(from: Address) -> Caught {
        Caught { from, mails: Arc::default() }
    }

    /// Keeps a mail that could have been sent.
    pub(crate) fn send(&self, mail: &Mail) -> Result<(), PostError> {
        mail.message(&self.from)?;
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.truncate(MAX_CAUGHT - 1);
        mails.push_front(mail.clone());
        Ok(())
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.iter().cloned().collect()
    }
}

impl fmt::Debug for Caught {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caught(..)")
    }
}
