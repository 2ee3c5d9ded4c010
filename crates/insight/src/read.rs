//! What a session sees of contacts, read into what the index holds of them.

use std::collections::{BTreeMap, BTreeSet};

use gantry_engine::draft::ObjectView;
use gantry_engine::session::{MAX_PAGE, Surveyed};
use gantry_engine::{EngineError, Identified};
use gantry_notice::model::Notice;
use uuid::Uuid;

use crate::analysis::{COMPANY, attribute_at, by_hand, counted};
use crate::index::Person;
use crate::model::{Model, ModelError};
use crate::profile::Attributes;

/// Reads under a notice, as of a moment.
pub(crate) struct Reader<'n> {
    notice: &'n Notice,
    model: Model,
    /// What feeds it, and last the segments: what persons decided stands there.
    categories: Vec<String>,
    now: i64,
}

impl<'n> Reader<'n> {
    pub(crate) fn of(notice: &'n Notice, now: i64) -> Result<Reader<'n>, ModelError> {
        let model = Model::of(notice)?;
        let profiling = notice.profiling.as_ref().ok_or(ModelError::NoProfiling)?;
        let mut categories = profiling.features.clone();
        categories.push(profiling.segments.clone());
        Ok(Reader { notice, model, categories, now })
    }

    /// The categories whose records it reads.
    pub(crate) fn categories(&self) -> &[String] {
        &self.categories
    }

    /// The contacts; none in place of one of whom nothing is seen.
    pub(crate) async fn people(
        &self,
        session: &Identified,
        seen: Vec<(Uuid, Option<Surveyed>)>,
    ) -> Result<Vec<(Uuid, Option<Person>)>, EngineError> {
        let companies = self.companies(session, &seen).await?;
        let read = |(id, seen): (Uuid, Option<Surveyed>)| {
            (id, seen.map(|seen| self.person(seen, &companies)))
        };
        Ok(seen.into_iter().map(read).collect())
    }

    fn person(&self, seen: Surveyed, companies: &BTreeMap<Uuid, ObjectView>) -> Person {
        let Surveyed { view, records, reach } = seen;
        let company = view.company.and_then(|id| companies.get(&id));
        let attributes = self.model.attributes().iter();
        let attributes = attributes.map(|path| attribute_at(self.notice, &view, company, path));
        let attributes = Attributes(attributes.collect());
        let segments = self.categories.last();
        let (decided, fed): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|record| Some(&record.category) == segments);
        let reactions = fed.iter().filter_map(|view| counted(view, &self.model, self.now));
        let reactions = reactions.filter(|one| one.weight > 0.0).filter_map(|one| {
            let topic = one.topic.as_deref().and_then(|topic| self.model.topic(topic));
            Some((one.at, self.model.kind(&one.reaction)?, topic))
        });
        let by_hand = by_hand(&decided, &self.model);
        let (country, reactions) = (view.country, reactions.collect());
        Person { country, attributes, reactions, by_hand, reach }
    }

    /// The companies that they represent, where rules name something of them.
    async fn companies(
        &self,
        session: &Identified,
        seen: &[(Uuid, Option<Surveyed>)],
    ) -> Result<BTreeMap<Uuid, ObjectView>, EngineError> {
        let mut companies = BTreeMap::new();
        let named = |path: &String| path.split_once('.').is_some_and(|(owner, _)| owner == COMPANY);
        if !self.model.attributes().iter().any(named) {
            return Ok(companies);
        }
        let ids = seen.iter().filter_map(|(_, seen)| seen.as_ref()?.view.company);
        let ids: BTreeSet<Uuid> = ids.collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        for ids in ids.chunks(MAX_PAGE) {
            let views = session.objects_at(COMPANY, ids).await?;
            let by_id = views.into_iter().filter_map(|view| Some((view.id.parse().ok()?, view)));
            companies.extend(by_id);
        }
        Ok(companies)
    }
}
