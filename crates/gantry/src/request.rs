//! What a contact says about the use of its data: `gantry objection`, `consent`, `restriction` and
//! `erase`. All of it is done under the purpose that the notice names for requests.

use std::io::{self, BufRead, IsTerminal, Read};

use clap::{Args, Subcommand};
use gantry_engine::audit::Cause;
use gantry_engine::draft::ContactView;
use gantry_engine::session::{Effect, Erased, Meaning, Scope, Statement};
use gantry_engine::{EngineError, Identified, Work};
use gantry_notice::{Notice, Reason};
use serde_json::json;
use uuid::Uuid;

use crate::cli::{Global, id};
use crate::failure::Failure;
use crate::output::{Output, Rows, counted, print_line, print_table, remark};
use crate::setup::House;
use crate::{columns, hint, names};

/// An answer is no longer than this.
const MAX_ANSWER: u64 = 64;

/// Who says it, about what.
#[derive(Debug, Args)]
pub(crate) struct SayArgs {
    /// The contact
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Uuid,
    /// A purpose, `profiling`, or a channel: `email`, `phone`, `post`
    #[arg(value_name = "SCOPE")]
    scope: String,
}

/// Whose data is restricted, and which.
#[derive(Debug, Args)]
pub(crate) struct RestrictArgs {
    /// The contact
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Uuid,
    /// A purpose, `all`, or data: `category:CATEGORY` or `category:CATEGORY.FIELD`
    #[arg(value_name = "SCOPE")]
    scope: String,
}

/// Objections (GDPR Art. 21).
#[derive(Debug, Subcommand)]
pub(crate) enum Objection {
    /// The contact objects, or closes a channel
    Add(SayArgs),
    /// The contact takes an objection back
    Withdraw(SayArgs),
    /// A person has weighed the objection, and it stands
    Uphold(SayArgs),
    /// A person has weighed the objection, and compelling grounds override it
    Reject(SayArgs),
}

/// Consent (GDPR Art. 7).
#[derive(Debug, Subcommand)]
pub(crate) enum Consent {
    /// The contact consents, or opts in to a channel
    Give(SayArgs),
    /// The contact withdraws its consent
    Withdraw(SayArgs),
}

/// Restriction (GDPR Art. 18).
#[derive(Debug, Subcommand)]
pub(crate) enum Restriction {
    /// Restrict a purpose, some data, or everything
    Set(RestrictArgs),
    /// Lift a restriction
    Lift(RestrictArgs),
}

/// Who was told of the notice.
#[derive(Debug, Args)]
pub(crate) struct ToldArgs {
    /// The contacts
    #[arg(long, value_name = "ID", value_parser = id, required = true, num_args = 1..)]
    contact: Vec<Uuid>,
}

/// Whom to erase.
#[derive(Debug, Args)]
pub(crate) struct EraseArgs {
    /// The contact
    #[arg(long, value_name = "ID", value_parser = id)]
    contact: Uuid,
    /// Do not ask; a program is never asked
    #[arg(long)]
    yes: bool,
}

/// Notes an objection.
pub(crate) async fn object(global: &Global, said: &Objection, out: Output) -> Result<(), Failure> {
    let (args, statement) = match said {
        Objection::Add(args) => (args, Statement::Objects),
        Objection::Withdraw(args) => (args, Statement::WithdrawsObjection),
        Objection::Uphold(args) => (args, Statement::ObjectionUpheld),
        Objection::Reject(args) => (args, Statement::ObjectionRejected),
    };
    say(global, args.contact, statement, &args.scope, out).await
}

/// Notes a consent.
pub(crate) async fn consent(global: &Global, said: &Consent, out: Output) -> Result<(), Failure> {
    let (args, statement) = match said {
        Consent::Give(args) => (args, Statement::Consents),
        Consent::Withdraw(args) => (args, Statement::WithdrawsConsent),
    };
    say(global, args.contact, statement, &args.scope, out).await
}

/// Notes a restriction.
pub(crate) async fn restrict(
    global: &Global,
    said: &Restriction,
    out: Output,
) -> Result<(), Failure> {
    let (args, statement) = match said {
        Restriction::Set(args) => (args, Statement::Restricts),
        Restriction::Lift(args) => (args, Statement::LiftsRestriction),
    };
    say(global, args.contact, statement, &args.scope, out).await
}

async fn say(
    global: &Global,
    contact: Uuid,
    statement: Statement,
    scope: &str,
    out: Output,
) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let parsed = Scope::parse(scope);
    let done = async {
        let session = requests(&house, global).await?;
        named(&house.notice(), statement, &parsed)?;
        let said = session.say(contact, statement, &parsed).await;
        said.map_err(|error| explained(error, &house.notice(), statement, &parsed))
    };
    let effect = house.end(done.await).await?;
    if out.is_json() {
        return out.value(&json!({
            "contact": contact,
            "statement": statement.word(),
            "scope": scope,
            "changed": effect.changed,
            "means": effect.means,
        }));
    }
    let what = if effect.changed {
        format!("contact {contact} {} `{scope}`", phrase(statement))
    } else {
        format!("contact {contact}, `{scope}`")
    };
    print_effect(&effect, &what)
}

/// What was said, and what it means now.
fn print_effect(effect: &Effect, what: &str) -> Result<(), Failure> {
    let mut means = effect.means.iter();
    if effect.changed {
        print_line(&format!("noted: {what}"))?;
    } else {
        let because = means.next().map_or("this was so before", |meaning| meaning.words());
        print_line(&format!("nothing changed: {because} ({what})"))?;
    }
    for meaning in means {
        print_line(&format!("  {}", meaning.words()))?;
        match meaning {
            Meaning::BeingWeighed => {
                remark(
                    "hint: `gantry objection uphold` or `gantry objection reject` says what came of it",
                );
            }
            Meaning::ObjectionStands => {
                remark("hint: `gantry objection withdraw` takes it back, if the contact says so");
            }
            _ => {}
        }
    }
    Ok(())
}

/// That the notice has what the statement is about.
fn named(notice: &Notice, statement: Statement, scope: &Scope) -> Result<(), Failure> {
    match scope {
        Scope::Purpose(name) if !notice.purposes.contains_key(name) => {
            let purposes = notice.purposes.keys().map(String::as_str);
            let others: &[&str] = match statement {
                Statement::Objects | Statement::WithdrawsObjection => {
                    &["profiling", "email", "phone", "post"]
                }
                Statement::Consents | Statement::WithdrawsConsent => &["email", "phone", "post"],
                Statement::Restricts | Statement::LiftsRestriction => &["all"],
                _ => &[],
            };
            let all = others.iter().copied().chain(purposes);
            Err(names::unknown("purpose or channel", name, all))
        }
        Scope::Data { category, field } => {
            names::category(notice, category)?;
            field.iter().try_for_each(|field| names::field(notice, category, field))
        }
        _ => Ok(()),
    }
}

/// The same failure; where an objection has no effect, why.
fn explained(error: EngineError, notice: &Notice, statement: Statement, scope: &Scope) -> Failure {
    let failure = Failure::from(error);
    let refused = failure.refusal().map(|refusal| refusal.reason);
    match (statement, scope) {
        (Statement::Objects, Scope::Purpose(name))
            if refused == Some(Reason::OperationNotAllowed) =>
        {
            match hint::no_objection(notice, name) {
                Some(hint) => failure.hinted(hint),
                None => failure,
            }
        }
        _ => failure,
    }
}

/// A session of the purpose that handles contacts' requests.
async fn requests(house: &House, global: &Global) -> Result<Identified, Failure> {
    let purpose = house.engine.policy().policy().notice().system.requests.clone();
    let actor = house.actor(global).await?;
    let session = house.engine.session(&actor, &Work::on(&purpose, Cause::Cli)).await?;
    Ok(session.into_identified()?)
}

const fn phrase(statement: Statement) -> &'static str {
    match statement {
        Statement::Objects => "objects to",
        Statement::WithdrawsObjection => "takes back its objection to",
        Statement::ObjectionUpheld => "objected with reason to",
        Statement::ObjectionRejected => "objected without sufficient reason to",
        Statement::Consents => "consents to",
        Statement::WithdrawsConsent => "withdraws its consent to",
        Statement::Restricts => "is restricted in",
        Statement::LiftsRestriction => "is no longer restricted in",
        Statement::Told => "was told of",
    }
}

/// Notes that contacts were told of the notice in force.
pub(crate) async fn told(global: &Global, args: &ToldArgs, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let version = house.notice().version.clone();
    let mut noted = 0_usize;
    let done = async {
        let session = requests(&house, global).await?;
        for contact in &args.contact {
            match session.say(*contact, Statement::Told, &Scope::Whole).await {
                Ok(effect) => noted += usize::from(effect.changed),
                Err(error) => {
                    remark(&format!(
                        "contact {contact}: nothing is noted of it, nor of any after it"
                    ));
                    return Err(error.into());
                }
            }
        }
        Ok::<_, Failure>(())
    };
    let done = done.await;
    house.end(done).await?;
    let before = args.contact.len() - noted;
    if out.is_json() {
        return out.value(&json!({ "version": version, "noted": noted, "before": before }));
    }
    let before = match before {
        0 => String::new(),
        before => format!("; of {before} it was noted before"),
    };
    let noted = counted(noted as u64, "contact");
    print_line(&format!("noted of {noted}: told of version {version}{before}"))
}

/// Erases a contact. Whoever sits at a terminal is shown whom, and asked.
pub(crate) async fn erase(global: &Global, args: &EraseArgs, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = async {
        let session = requests(&house, global).await?;
        if !args.yes && io::stdin().is_terminal() {
            let view = session.contact(args.contact).await?;
            remark(&format!("contact {}: {}", args.contact, who(&view, &house.notice())));
            remark("erase this contact? Its key is destroyed, and nothing brings it back [y/N]");
            if !agreed(&mut io::stdin().lock()) {
                return Err(Failure::Failed(
                    "nothing is erased\nhint: answer `y`, or do not be asked with `--yes`"
                        .to_owned(),
                ));
            }
        }
        Ok::<_, Failure>(session.erase(args.contact).await?)
    };
    let done = house.end(done.await).await;
    print_erased(args.contact, &done?, out)
}

/// What a list would show of a contact, in a line.
fn who(view: &ContactView, notice: &Notice) -> String {
    let columns = columns::of(notice, std::slice::from_ref(view));
    let cells = columns.iter().map(|column| format!("{} {}", column.title(), column.cell(view)));
    let cells: Vec<String> = cells.collect();
    if cells.is_empty() { "no name that may be seen".to_owned() } else { cells.join(", ") }
}

/// Whether the next line says yes.
fn agreed(input: &mut impl BufRead) -> bool {
    let mut line = String::new();
    let read = input.take(MAX_ANSWER).read_line(&mut line);
    read.is_ok() && ["y", "yes"].contains(&line.trim().to_lowercase().as_str())
}

fn print_erased(contact: Uuid, erased: &Erased, out: Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.value(&json!({ "contact": contact, "erased": erased }));
    }
    print_line(&format!(
        "erased: contact {contact}; its key is destroyed, {} deleted; keyed hashes that keep it from coming back: {}",
        counted(erased.deleted, "record"),
        erased.suppressed
    ))?;
    let mut rows = Rows::new(&["kept by law", "purpose", "records", "until"]).numbers(&[2]);
    for kept in &erased.kept {
        let (category, purpose) = (kept.category.clone(), kept.purpose.clone());
        rows.add([category, purpose, kept.records.to_string(), kept.until.clone()]);
    }
    print_table(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for (said, meant) in [("y\n", true), ("YES\n", true), ("\n", false), ("", false)] {
            assert_eq!(agreed(&mut said.as_bytes()), meant, "{said:?}");
        }
        assert!(!agreed(&mut "yellow".as_bytes()));
    }
}
