//! The same policy in casbin: a matcher for each operation over whole numbers.
//!
//! casbin's own lists of policies are searched line by line, so that a line for each use, category
//! and operation would take a thousand times as long. Here the request brings what the notice says
//! and what is known of contact and record, as numbers and sets of bits, and the matcher decides.

use std::sync::Arc;

use ::casbin::{CoreApi, DefaultModel, Enforcer};
use gantry_notice::{Channel, Country, Day, Notice, Operation, Reach};
use serde_json::{Map, Value as Json};

use super::facts;
use super::mix::Case;
use super::words::{self, Words};
use crate::Outcome;

pub(crate) struct Casbin {
    enforcers: Vec<Enforcer>,
    uses: Map<String, Json>,
    notice: Arc<Notice>,
}

/// The numbers of a request, in their order.
const TOKENS: &str = "may, roles, uroles, purpose, flags, archive, goes, market, objectable, profile, \
     needs, regime, consents, agreed, objected, weighed, restricted, kept, plain, email, phone, post, \
     gone, channel, email_said, phone_said, post_said, email_rule, phone_rule, post_rule, listed, \
     version, told, collected, anchor, cutoff, at, active, relation, closed, keep, today";

impl Casbin {
    pub(crate) async fn new(versions: &[Arc<Notice>], today: Day) -> Outcome<Casbin> {
        let notice = versions.last().ok_or("no version of the notice")?;
        let mut enforcers = Vec::new();
        for operation in Operation::ALL {
            let model = format!(
                "[request_definition]\nr = {TOKENS}\n[policy_definition]\np = none\n\
                 [policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\nm = {}\n",
                matcher(operation)
            );
            enforcers.push(Enforcer::new(DefaultModel::from_str(&model).await?, ()).await?);
        }
        let uses = words::uses(versions, today);
        Ok(Casbin { enforcers, uses, notice: Arc::clone(notice) })
    }

    pub(crate) fn allows(&self, operation: Operation, request: &[i32]) -> bool {
        let enforcer = self.enforcers.get(operation as usize);
        enforcer.is_some_and(|enforcer| enforcer.enforce(request.to_vec()).unwrap_or(false))
    }

    pub(crate) fn request(&self, words: &Words<'_>, case: &Case) -> Outcome<Vec<i32>> {
        let Some(used) = self.uses.get(&words.used(case)) else {
            return Err("a use that the notice does not name".into());
        };
        let none = Json::Null;
        let cell = used.pointer(&format!("/cells/{}", words.category(case))).unwrap_or(&none);
        let (contact, record) = (&case.contact, &case.record);
        let purpose = words.policy.lexicon().use_name(case.ask.use_id).0.bit();
        let yes = |facts: &Json, name: &str| facts.get(name).is_some_and(|fact| *fact == true);
        let fields = |facts: &Json, kind: &str| {
            let names = facts.get(kind).and_then(Json::as_array).into_iter().flatten();
            let places = names
                .filter_map(|name| words.policy.lexicon().field(case.ask.category, name.as_str()?));
            places.fold(0u64, |set, place| set | 1 << place)
        };
        let numbers = |facts: &Json, name: &str| {
            let list = facts.get(name).and_then(Json::as_array).into_iter().flatten();
            list.filter_map(Json::as_u64).fold(0u64, |set, number| set | 1 << number)
        };
        let roles = used.get("roles").and_then(Json::as_array).into_iter().flatten();
        let uroles = words.policy.roles(roles.filter_map(Json::as_str)).0;
        let restricted = contact.restricted_fields.iter().filter(|(c, _)| *c == case.ask.category);
        let restricted = restricted.fold(0, |set, (_, fields)| set | fields.0);
        let (all, thirty_one) = (u64::from(u16::MAX), u64::from(u32::MAX >> 1));
        let mut request: Vec<u64> = vec![
            yes(cell, case.ask.operation.word()).into(),
            case.ask.roles.0 & thirty_one,
            uroles & thirty_one,
            purpose,
            words::FLAGS
                .iter()
                .rev()
                .fold(0, |set, (_, flag)| set << 1 | u64::from(contact.flags.any(*flag))),
            yes(used, "reads_archive").into(),
            (yes(used, "while_restricted")
                || contact.consents & contact.consents_while_restricted & purpose != 0)
                .into(),
            yes(used, "direct_marketing").into(),
            yes(used, "objectable").into(),
            yes(cell, "profile").into(),
        ];
        request.extend(self.consent(used, contact.country));
        request.extend(words::purpose_sets(contact).map(|(_, set)| set & all));
        request.extend(["plain", "email", "phone", "post"].map(|kind| fields(cell, kind)));
        request.push(restricted & thirty_one);
        request.push(case.ask.channel.map_or(0, |channel| channel as u64 + 1));
        request.extend(Channel::ALL.map(|channel| match contact.reach(channel) {
            Reach::Unasked => 0,
            Reach::OptedIn => 1,
            Reach::NotOptedIn => 2,
            Reach::Closed => 3,
        }));
        let rules = facts::of_country(&self.notice, contact.country.code());
        request.extend(Channel::ALL.map(|channel| {
            let rule = rules.get(format!("{}_rule", channel.word())).and_then(Json::as_str);
            ["opt-in", "soft-opt-in", "opt-out"]
                .iter()
                .position(|word| Some(*word) == rule)
                .unwrap_or(0) as u64
        }));
        request.extend([numbers(cell, "listed"), 1 << record.version, 1 << contact.told]);
        request.push(record.collected_for.bit());
        let anchor = cell.get("anchor").and_then(Json::as_str);
        let anchors = facts::anchors();
        request.push(anchors.iter().position(|word| Some(*word) == anchor).unwrap_or(0) as u64);
        let mut request = request.into_iter().map(i32::try_from).collect::<Result<Vec<_>, _>>()?;
        request.push(cell.get("cutoff").and_then(Json::as_i64).unwrap_or(0).try_into()?);
        let days = [record.at, contact.last_activity, contact.end_of_relation, record.closed];
        request.extend(days.iter().chain(&[record.keep_until, words.today]).map(|day| day.0));
        Ok(request)
    }

    /// The regimes in which the use needs consent, and the contact's own.
    fn consent(&self, used: &Json, country: Country) -> [u64; 2] {
        let bit =
            |name: &str| self.notice.regimes.get_index_of(name).map_or(0, |place| 1u64 << place);
        let needs = used.get("consent_in").and_then(Json::as_array).into_iter().flatten();
        let regime = facts::of_country(&self.notice, country.code());
        let regime = regime.get("regime").and_then(Json::as_str).map_or(0, bit);
        [needs.filter_map(Json::as_str).fold(0, |set, name| set | bit(name)), regime]
    }
}

/// The matcher of an operation: `docs/decision.md` over numbers.
fn matcher(operation: Operation) -> String {
    let collects = operation == Operation::Collect;
    let kept = if words::looks(operation) { "(r.kept & r.purpose) == 0" } else { "true" };
    let archived = if collects { "" } else { "&& !((r.flags & 4) != 0 && r.archive == 0)" };
    let compatible = if collects {
        ""
    } else {
        "&& (r.collected == r.purpose || (r.listed & r.version) != 0 || (r.listed & r.told) != 0)"
    };
    let open = |channel: Channel| {
        let word = channel.word();
        format!(
            "(r.{word}_said == 1 || (r.{word}_rule == 2 && r.{word}_said != 3) || \
             (r.{word}_rule == 1 && r.{word}_said == 0 && (r.flags & 16) != 0))"
        )
    };
    let [email, phone, post] = Channel::ALL.map(open);
    let reached = |channel: &str, open: &str| {
        let open = if collects { "true" } else { open };
        format!("((r.{channel} & LEFT) != 0 && {open})")
    };
    let (by_email, by_phone, by_post) =
        (reached("email", &email), reached("phone", &phone), reached("post", &post));
    format!(
        "r.may == 1 && (r.roles & r.uroles) != 0 && !((r.flags & 1) != 0 && {kept}) \
         && (r.flags & 2) == 0 {archived} \
         && !(((r.flags & 8) != 0 || (r.restricted & r.purpose) != 0) && r.goes == 0) \
         && !(r.profile == 1 && (r.flags & 96) != 0) && !(r.market == 1 && (r.flags & 32) != 0) \
         && !(r.objectable == 1 && ((r.objected | r.weighed) & r.purpose) != 0) \
         && !((r.needs & r.regime) != 0 && (r.consents & r.purpose) == 0) {compatible} \
         && r.keep >= r.today \
         && ((r.anchor == 0 && r.at >= r.cutoff) \
          || (r.anchor == 1 && (r.at >= r.cutoff || r.active >= r.cutoff)) \
          || (r.anchor == 2 && r.relation >= r.cutoff) || (r.anchor == 3 && r.closed >= r.cutoff)) \
         && (r.gone == 0 || r.goes == 1 || ((r.plain | r.email | r.phone | r.post) & ~GONE) != 0) \
         && (r.market == 0 || ((r.channel == 0 || (r.channel == 1 && {email}) \
          || (r.channel == 2 && {phone}) || (r.channel == 3 && {post})) \
          && ((r.plain & LEFT) != 0 || {by_email} || {by_phone} || {by_post})))"
    )
    .replace("~GONE", "(r.gone ^ -1)")
    .replace("LEFT", "(if r.goes == 1 { -1 } else { r.gone ^ -1 })")
}
