//! What a notice says of profiling, made ready to calculate with.

use std::sync::{Arc, Mutex, PoisonError};

use gantry_notice::model::Notice;
use gantry_notice::rule_name;

use crate::rule::Rule;

/// Milliseconds of a day.
pub(crate) const DAY: f64 = 86_400_000.0;

/// A notice's profiling: what reactions weigh, how soon they fade, and the rules of segments.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) half_life: f64,
    topics: Vec<String>,
    weights: Vec<(String, f64)>,
    attributes: Vec<String>,
    segments: Vec<Segment>,
}

/// The place of a topic in a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic(pub(crate) usize);

/// The place of a kind of reaction among those that a model weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind(pub(crate) usize);

/// A published segment.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its id.
    pub name: String,
    /// Its rule.
    pub rule: Rule,
}

/// Why a notice makes no model. A notice that was checked makes one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The notice has no profiling.
    #[error("the notice has no `[profiling]`: nobody's interests are analysed under it")]
    NoProfiling,
    /// A rule is none.
    #[error("the rule of the segment `{segment}` cannot be used: {cause}")]
    Rule {
        /// The segment.
        segment: String,
        /// What is wrong.
        cause: String,
    },
}

/// The model of the notice in force, made once.
#[derive(Debug, Default)]
pub struct Models(Mutex<Option<(String, Arc<Model>)>>);

impl Models {
    /// The model of a notice.
    pub fn of(&self, notice: &Notice) -> Result<Arc<Model>, ModelError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, model)) = &*kept
            && *version == notice.version
        {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(Model::of(notice)?);
        *kept = Some((notice.version.clone(), Arc::clone(&model)));
        Ok(model)
    }
}

impl Model {
    /// The model of a notice.
    pub fn of(notice: &Notice) -> Result<Model, ModelError> {
        let profiling = notice.profiling.as_ref().ok_or(ModelError::NoProfiling)?;
        let mut model = Model {
            half_life: f64::from(profiling.half_life_days) * DAY,
            topics: profiling.topics.keys().cloned().collect(),
            weights: profiling.weights.iter().map(|(name, by)| (name.clone(), *by)).collect(),
            attributes: profiling.attributes.clone(),
            segments: Vec::new(),
        };
        for (name, declared) in &profiling.segment {
            let rule = Rule::parse(&declared.rule, &model);
            let rule = rule.map_err(|cause| ModelError::Rule { segment: name.clone(), cause })?;
            model.segments.push(Segment { name: name.clone(), rule });
        }
        Ok(model)
    }

    /// The topics by id, in the order of the notice.
    pub fn topics(&self) -> &[String] {
        &self.topics
    }

    /// The place of a topic.
    pub fn topic(&self, id: &str) -> Option<Topic> {
        self.topics.iter().position(|topic| topic == id).map(Topic)
    }

    /// What a reaction weighs; one that the notice does not list weighs nothing.
    pub fn weight(&self, reaction: &str) -> f64 {
        let listed = self.weights.iter().find(|(name, _)| name == reaction);
        listed.map_or(0.0, |(_, weight)| *weight)
    }

    /// The place of a kind of reaction; none where the notice does not weigh it.
    pub fn kind(&self, reaction: &str) -> Option<Kind> {
        self.weights.iter().position(|(name, _)| name == reaction).map(Kind)
    }

    /// The kinds of reactions that the notice weighs, in its order.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.weights.iter().map(|(name, _)| name.as_str())
    }

    pub(crate) fn weight_of(&self, kind: Kind) -> f64 {
        self.weights.get(kind.0).map_or(0.0, |(_, weight)| *weight)
    }

    /// The attributes that rules may name, as the notice has them: `CATEGORY.FIELD`, or `company.FIELD`.
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// The segments, in the order of the notice.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The place of a topic by its name in a rule.
    pub(crate) fn topic_of_rule(&self, name: &str) -> Option<Topic> {
        self.topics.iter().position(|topic| rule_name(topic) == name).map(Topic)
    }

    /// The place of a segment by its name in an audience.
    pub(crate) fn segment_of_rule(&self, name: &str) -> Option<usize> {
        self.segments.iter().position(|segment| rule_name(&segment.name) == name)
    }

    /// The place of an attribute by its name in a rule, such as `contact.employment.role`.
    pub(crate) fn attribute_of_rule(&self, name: &str) -> Option<usize> {
        self.attributes.iter().position(|attribute| match attribute.split_once('.') {
            Some(("company", field)) => name == format!("company.{field}"),
            Some((category, field)) => name == format!("contact.{}.{field}", rule_name(category)),
            None => false,
        })
    }
}
