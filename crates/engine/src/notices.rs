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

    /// The text of the version in force, as it was published.
    pub async fn notice_text(&self) -> Result<String, EngineError> {
        let key = notice_key(self.policy().policy().version());
        let text = self.inner.store.entry(Space::Notice, &key).await?;
        let text = text.ok_or(EngineError::Corrupt("no notice"))?;
        String::from_utf8(text).map_err(|_| EngineError::Corrupt("a notice"))
    }

    /// Brings a new version of the notice into force: from the commit on, on every node. Contacts
    /// stay told of the version they were told of.
    pub async fn publish_notice(
        &self,
        by: &Actor,
        text: &[u8],
        cause: Cause,
    ) -> Result<u16, EngineError> {
        self.publish(by, text, cause, None).await
    }

    /// The same, with what else must hold and is to be written.
    pub(crate) async fn publish(
        &self,
        by: &Actor,
        text: &[u8],
        cause: Cause,
        also: Option<(Expect, Write)>,
    ) -> Result<u16, EngineError> {
        let notice = Arc::new(parse(text)?);
        let number = self.could_follow(&notice).await?;
        let (today, effective) = (self.policy().today(), Day::of(notice.effective));
        if effective > today {
            let fault =
                format!("is {effective}, and today is {today}; hint: publish it on that day");
            return Err(EngineError::invalid("effective", fault));
        }
        let key = notice_key(number);
        let mut expects = vec![Expect::NoEntry(Space::Notice, key.clone())];
        let mut writes = vec![Write::Entry(Space::Notice, key, text.to_vec())];
        if let Some((expect, write)) = also {
            expects.push(expect);
            writes.push(write);
        }
        self.house(by, "publish notice", cause, expects, writes).await?;
        self.inner.renew().await?;
        Ok(number)
    }

    /// That a version could be the next one, on whatever day. Answers its number.
    pub(crate) async fn could_follow(&self, notice: &Arc<Notice>) -> Result<u16, EngineError> {
        let mut versions = self.notices().await?;
        if versions.iter().any(|version| version.version == notice.version) {
            let fault = format!("`{}` is there already; hint: name a new version", notice.version);
            return Err(EngineError::invalid("version", fault));
        }
        if versions.last().is_some_and(|before| notice.effective < before.effective) {
            return Err(EngineError::invalid(
                "effective",
                "is before that of the version in force",
            ));
        }
        versions.push(Arc::clone(notice));
        Policy::compile(&versions).map_err(|e| EngineError::Notice(e.to_string()))?;
        u16::try_from(versions.len() - 1)
            .map_err(|_| EngineError::Notice("there are too many versions".to_owned()))
    }
}
