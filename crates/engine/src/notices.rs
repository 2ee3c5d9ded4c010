//! Versions of the notice: which are there, and how a new one comes into force.

use std::sync::Arc;

use gantry_notice::{Day, Notice, Policy};
use gantry_store::{Expect, Space, Write};

use crate::actor::Actor;
use crate::audit::Cause;
use crate::engine::{Engine, notice_key, parse, stored_notices};
use crate::error::EngineError;

impl Engine {
    /// The versions of the notice, in their order; the last is in force.
    pub async fn notices(&self) -> Result<Vec<Arc<Notice>>, EngineError> {
        stored_notices(&self.inner.store).await
    }

    /// Brings a new version of the notice into force: from the commit on, on every node. Contacts
    /// stay told of the version they were told of.
    pub async fn publish_notice(
        &self,
        by: &Actor,
        text: &[u8],
        cause: Cause,
    ) -> Result<u16, EngineError> {
        let notice = Arc::new(parse(text)?);
        let mut versions = self.notices().await?;
        if versions.iter().any(|version| version.version == notice.version) {
            let fault = format!("`{}` is there already; hint: name a new version", notice.version);
            return Err(EngineError::invalid("version", fault));
        }
        let (today, effective) = (self.policy().today(), Day::of(notice.effective));
        if effective > today {
            let fault =
                format!("is {effective}, and today is {today}; hint: publish it on that day");
            return Err(EngineError::invalid("effective", fault));
        }
        if versions.last().is_some_and(|before| notice.effective < before.effective) {
            return Err(EngineError::invalid(
                "effective",
                "is before that of the version in force",
            ));
        }
        versions.push(notice);
        Policy::compile(&versions).map_err(|e| EngineError::Notice(e.to_string()))?;
        let number = u16::try_from(versions.len() - 1)
            .map_err(|_| EngineError::Notice("there are too many versions".to_owned()))?;
        let key = notice_key(number);
        let expects = vec![Expect::NoEntry(Space::Notice, key.clone())];
        let writes = vec![Write::Entry(Space::Notice, key, text.to_vec())];
        self.house(by, "publish notice", cause, expects, writes).await?;
        self.inner.renew().await?;
        Ok(number)
    }
}
