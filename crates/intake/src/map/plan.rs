//! A map made ready: columns interned, rules checked, nothing left that can be wrong but the rows.

use std::ops::Range;
use std::sync::Arc;

use gantry_notice::Channel;
use serde_spanned::Spanned as At;

use super::columns::{Column, Columns};
use super::condition::Condition;
use super::file::{
    ChannelWord, Company, Conditions, Consent, Contact, Kind, MapFile, MatchBy, Name, Object,
    Record, Reference, Rule as RuleFile, Saying as SayingFile, What,
};
use super::rule::Rule;
use crate::draft::Saying;
use crate::mailbox::Mailboxes;
use crate::source::{CsvOptions, Format};

/// All of a map.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) name: Arc<str>,
    pub(super) about: String,
    pub(super) format: Option<Format>,
    pub(super) csv: CsvOptions,
    pub(super) recognise: Option<(Vec<String>, Vec<String>)>,
    pub(super) may_be_missing: bool,
    pub(super) columns: Columns,
    pub(super) mailboxes: Mailboxes,
    pub(super) skip: Vec<(Vec<Condition>, Arc<str>)>,
    pub(super) company: Option<CompanyPlan>,
    pub(super) contact: Option<ContactPlan>,
    pub(super) said: Vec<SaidPlan>,
    pub(super) consents: Vec<ConsentPlan>,
    pub(super) objects: Vec<ObjectPlan>,
    pub(super) records: Vec<RecordPlan>,
}

#[derive(Debug)]
pub(super) struct CompanyPlan {
    pub(super) when: Vec<Condition>,
    pub(super) key: Rule,
    pub(super) state: Option<Rule>,
    pub(super) same: Arc<[Arc<str>]>,
    pub(super) fields: Vec<(Arc<str>, Rule)>,
}

#[derive(Debug)]
pub(super) struct ContactPlan {
    pub(super) when: Vec<Condition>,
    pub(super) by_email: bool,
    pub(super) key: Option<Rule>,
    pub(super) country: Option<Rule>,
    pub(super) company: Option<Rule>,
    pub(super) sole_trader: Option<Rule>,
    pub(super) fields: Vec<(Arc<str>, Arc<str>, Rule)>,
}

#[derive(Debug)]
pub(super) struct SaidPlan {
    pub(super) what: Saying,
    pub(super) when: Vec<Condition>,
    pub(super) at: Option<Rule>,
    pub(super) evidence: Option<Column>,
}

#[derive(Debug)]
pub(super) struct ConsentPlan {
    pub(super) purpose: Arc<str>,
    pub(super) when: Vec<Condition>,
}

#[derive(Debug)]
pub(super) struct ReferencePlan {
    pub(super) kind: Arc<str>,
    pub(super) key: Rule,
}

#[derive(Debug)]
pub(super) struct ObjectPlan {
    pub(super) when: Vec<Condition>,
    pub(super) object: ReferencePlan,
    pub(super) company: Option<Rule>,
    pub(super) part_of: Option<ReferencePlan>,
    pub(super) state: Option<Rule>,
    pub(super) at: Option<Rule>,
    pub(super) closed: Option<Rule>,
    pub(super) fields: Vec<(Arc<str>, Rule)>,
}

#[derive(Debug)]
pub(super) struct RecordPlan {
    pub(super) when: Vec<Condition>,
    pub(super) category: Arc<str>,
    pub(super) key: Option<Rule>,
    pub(super) contact: Option<Rule>,
    pub(super) contact_email: Option<Rule>,
    pub(super) about: Option<ReferencePlan>,
    pub(super) at: Option<Rule>,
    pub(super) fields: Vec<(Arc<str>, Rule)>,
}

/// Something wrong with a map, and where.
pub(super) struct Wrong {
    pub(super) span: Option<Range<usize>>,
    pub(super) message: String,
}

fn wrong<T>(span: Range<usize>, message: &str) -> Result<T, Wrong> {
    Err(Wrong { span: Some(span), message: message.to_owned() })
}

/// The fields by which a company is known again: of those that the map fills.
fn same(company: &Company) -> Result<Arc<[Arc<str>]>, Wrong> {
    let one = |field: &At<Name>| {
        let unfilled = "is none of the fields that the map gives the company";
        let filled = company.fields.contains_key(field.get_ref());
        if filled { Ok(Arc::clone(&field.get_ref().0)) } else { wrong(field.span(), unfilled) }
    };
    company.same.iter().map(one).collect()
}

impl Plan {
    pub(super) fn new(file: &MapFile) -> Result<Plan, Wrong> {
        let mut make = Make { columns: Columns::default() };
        let skip = file.skip.iter().map(|skipping| {
            let when = make.conditions(Some(&skipping.when))?;
            Ok((when, Arc::from(skipping.because.as_str())))
        });
        let skip = skip.collect::<Result<_, _>>()?;
        let company = match &file.company {
            None => None,
            Some(company) => Some(CompanyPlan {
                when: make.conditions(company.when.as_ref())?,
                key: make.rule(&company.key, Kind::Text)?,
                state: make.optional(company.state.as_ref(), Kind::Text)?,
                same: same(company)?,
                fields: make.fields(&company.fields)?,
            }),
        };
        let contact = match &file.contact {
            None => None,
            Some(contact) => Some(make.contact(contact)?),
        };
        let said: Vec<SaidPlan> =
            file.said.iter().map(|said| make.said(said)).collect::<Result<_, _>>()?;
        if let (None, Some(said)) = (&contact, file.said.first()) {
            return wrong(said.span(), "`said` needs a `contact` that said it");
        }
        let consents = file.consent.iter().map(|consent| make.consent(consent));
        let consents: Vec<ConsentPlan> = consents.collect::<Result<_, _>>()?;
        if let (None, Some(consent)) = (&contact, file.consent.first()) {
            return wrong(consent.span(), "`consent` needs a `contact` that gave it");
        }
        let objects = file.object.iter().map(|object| make.object(object));
        let objects = objects.collect::<Result<_, _>>()?;
        let records = file.record.iter().map(|record| make.record(record, contact.is_some()));
        let records = records.collect::<Result<_, _>>()?;
        Ok(Plan {
            name: Arc::clone(&file.name.0),
            about: file.about.clone(),
            format: file.format,
            csv: csv_options(file),
            recognise: file
                .recognise
                .as_ref()
                .map(|recognise| (recognise.columns.clone(), recognise.without.clone())),
            may_be_missing: file.columns_may_be_missing,
            columns: make.columns,
            mailboxes: Mailboxes::new(&file.shared_mailboxes.also, &file.shared_mailboxes.never),
            skip,
            company,
            contact,
            said,
            consents,
            objects,
            records,
        })
    }
}

fn csv_options(file: &MapFile) -> CsvOptions {
    let csv = &file.csv;
    CsvOptions {
        delimiter: csv.delimiter.map(|delimiter| delimiter.0),
        encoding: csv.encoding.clone(),
        columns: csv.columns.clone(),
        nulls: csv.nulls.clone(),
        surplus: csv.surplus.clone(),
        short_rows: csv.short_rows,
    }
}

/// Makes the parts of a plan and gathers the columns that they name.
struct Make {
    columns: Columns,
}

impl Make {
    fn rule(&mut self, rule: &At<RuleFile>, usual: Kind) -> Result<Rule, Wrong> {
        let made = Rule::new(rule.get_ref(), usual, &mut self.columns);
        made.map_err(|message| Wrong { span: Some(rule.span()), message })
    }

    fn optional(
        &mut self,
        rule: Option<&At<RuleFile>>,
        usual: Kind,
    ) -> Result<Option<Rule>, Wrong> {
        rule.map(|rule| self.rule(rule, usual)).transpose()
    }

    fn conditions(&mut self, conditions: Option<&At<Conditions>>) -> Result<Vec<Condition>, Wrong> {
        let Some(conditions) = conditions else { return Ok(Vec::new()) };
        let made = Condition::ready(conditions.get_ref(), &mut self.columns);
        made.map_err(|message| Wrong { span: Some(conditions.span()), message })
    }

    fn fields(
        &mut self,
        fields: &indexmap::IndexMap<Name, At<RuleFile>>,
    ) -> Result<Vec<(Arc<str>, Rule)>, Wrong> {
        let each = fields
            .iter()
            .map(|(name, rule)| Ok((Arc::clone(&name.0), self.rule(rule, usual_kind(&name.0))?)));
        each.collect()
    }

    fn contact(&mut self, contact: &At<Contact>) -> Result<ContactPlan, Wrong> {
        let (span, contact) = (contact.span(), contact.get_ref());
        let by_email = contact.r#match == MatchBy::Email;
        let mut has_email = false;
        let mut fields = Vec::new();
        for (category, field, rule) in &contact.fields.0 {
            has_email |= (&*category.0, &*field.0) == super::EMAIL;
            let rule = self.rule(rule, usual_kind(&field.0))?;
            fields.push((Arc::clone(&category.0), Arc::clone(&field.0), rule));
        }
        if by_email && !has_email {
            return wrong(span, "`match = \"email\"` needs the field `contact-details.email`");
        }
        if !by_email && contact.key.is_none() {
            return wrong(span, "a contact needs a `key`, or `match = \"email\"`");
        }
        Ok(ContactPlan {
            when: self.conditions(contact.when.as_ref())?,
            by_email,
            key: self.optional(contact.key.as_ref(), Kind::Text)?,
            country: self.optional(contact.country.as_ref(), Kind::Country)?,
            company: self.optional(contact.company.as_ref(), Kind::Text)?,
            sole_trader: self.optional(contact.sole_trader.as_ref(), Kind::Flag)?,
            fields,
        })
    }

    fn said(&mut self, said: &At<SayingFile>) -> Result<SaidPlan, Wrong> {
        let (span, said) = (said.span(), said.get_ref());
        let channel = said.channel.map(|word| match word {
            ChannelWord::Email => Channel::Email,
            ChannelWord::Phone => Channel::Phone,
            ChannelWord::Post => Channel::Post,
        });
        let what = match (said.what, channel) {
            (What::ObjectsMarketing, None) => Saying::ObjectsMarketing,
            (What::ObjectsProfiling, None) => Saying::ObjectsProfiling,
            (What::CustomerToday, None) => Saying::CustomerToday,
            (What::Closed, Some(channel)) => Saying::Closed(channel),
            (What::OptedIn, Some(channel)) => Saying::OptedIn(channel),
            (What::NotOptedIn, Some(channel)) => Saying::NotOptedIn(channel),
            (What::Closed | What::OptedIn | What::NotOptedIn, None) => {
                return wrong(span, "this needs a `channel`: `email`, `phone` or `post`");
            }
            (_, Some(_)) => return wrong(span, "this is about no channel: leave `channel` out"),
        };
        let mut when = self.conditions(said.when.as_ref())?;
        if let Some(name) = &said.yes {
            when.insert(0, Condition::yes(self.columns.place(name)));
        }
        let evidence = when.first().map(|condition| condition.column);
        let at = self.optional(said.at.as_ref(), Kind::Time)?;
        Ok(SaidPlan { what, when, at, evidence })
    }

    fn consent(&mut self, consent: &At<Consent>) -> Result<ConsentPlan, Wrong> {
        let (span, consent) = (consent.span(), consent.get_ref());
        let mut when = self.conditions(consent.when.as_ref())?;
        if let Some(name) = &consent.yes {
            when.insert(0, Condition::yes(self.columns.place(name)));
        }
        if when.is_empty() {
            return wrong(span, "consent is given by each contact: name it by `yes` or `when`");
        }
        Ok(ConsentPlan { purpose: Arc::clone(&consent.purpose.0), when })
    }

    fn reference(&mut self, reference: &Reference) -> Result<ReferencePlan, Wrong> {
        let key = self.rule(&reference.key, Kind::Text)?;
        Ok(ReferencePlan { kind: Arc::clone(&reference.kind.0), key })
    }

    fn object(&mut self, object: &Object) -> Result<ObjectPlan, Wrong> {
        let key = self.rule(&object.key, Kind::Text)?;
        Ok(ObjectPlan {
            when: self.conditions(object.when.as_ref())?,
            object: ReferencePlan { kind: Arc::clone(&object.kind.0), key },
            company: self.optional(object.company.as_ref(), Kind::Text)?,
            part_of: object.part_of.as_ref().map(|whole| self.reference(whole)).transpose()?,
            state: self.optional(object.state.as_ref(), Kind::Text)?,
            at: self.optional(object.at.as_ref(), Kind::Moment)?,
            closed: self.optional(object.closed.as_ref(), Kind::Date)?,
            fields: self.fields(&object.fields)?,
        })
    }

    fn record(&mut self, record: &At<Record>, has_contact: bool) -> Result<RecordPlan, Wrong> {
        let (span, record) = (record.span(), record.get_ref());
        match (&record.contact, &record.contact_email) {
            (Some(_), Some(_)) => {
                return wrong(span, "a record names its contact by `contact` or `contact_email`");
            }
            (None, None) if !has_contact => {
                return wrong(
                    span,
                    "a record needs `contact` or `contact_email`: the row has none",
                );
            }
            _ => {}
        }
        Ok(RecordPlan {
            when: self.conditions(record.when.as_ref())?,
            category: Arc::clone(&record.category.0),
            key: self.optional(record.key.as_ref(), Kind::Text)?,
            contact: self.optional(record.contact.as_ref(), Kind::Text)?,
            contact_email: self.optional(record.contact_email.as_ref(), Kind::Email)?,
            about: record.about.as_ref().map(|about| self.reference(about)).transpose()?,
            at: self.optional(record.at.as_ref(), Kind::Moment)?,
            fields: self.fields(&record.fields)?,
        })
    }
}

/// What a field's value is where its rule does not say: told by its name.
pub(super) fn usual_kind(field: &str) -> Kind {
    match field {
        "email" => Kind::Email,
        "phone" | "mobile" => Kind::Phone,
        "language" => Kind::Language,
        "country" => Kind::Country,
        _ => Kind::Text,
    }
}
