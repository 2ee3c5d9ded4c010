//! One's own account: password, second factor, and where one is signed in.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use gantry_engine::actor::Level;
use gantry_engine::{
    Cause, EngineError, FieldFault, Method, PasswordChange, SignInError, TotpSecret,
};
use maud::{Markup, html};

use crate::app::Shell;
use crate::console::door::{Posted, Who};
use crate::console::frame::in_house;
use crate::console::passing::{Confirmation, confirming};
use crate::console::sign_in::SIGN_IN;
use crate::page::parts::{csrf, faults, millis};
use crate::page::{Failure, Page, taken};

/// The path of the page.
const YOU: &str = "/house/you";

/// What the page tells besides what is there.
#[derive(Default)]
struct Told<'a> {
    faults: &'a [FieldFault],
    secret: Option<&'a TotpSecret>,
}

/// The page.
pub(crate) async fn show(who: Who, State(shell): State<Shell>) -> Result<Page, Failure> {
    page(&shell, &who, &Told::default()).await
}

/// Sets the password. All sign-ins of the account end; this one goes on under a new ticket.
pub(crate) async fn set_password(
    who: Who,
    State(shell): State<Shell>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response, Failure> {
    let form = posted.by(&who)?;
    let again = |field: &str, fault: &str| vec![FieldFault::new(field, fault)];
    if form.get("password") != form.get("again") {
        return again_with(&shell, &who, &again("again", "is not the same as the password")).await;
    }
    let token = SIGN_IN.read(&shell.site, &headers).unwrap_or_default();
    let change = PasswordChange {
        token: &token,
        current: form.filled("current"),
        code: form.filled("code"),
        new: form.get("password"),
    };
    match shell.engine.change_password(&change).await {
        Ok(now) => {
            let mut response = confirming(YOU, Confirmation::PasswordSet);
            SIGN_IN.set(&shell.site, &now.token, &mut response);
            Ok(response)
        }
        Err(SignInError::Wrong) => {
            let fault = "is not right, or there were too many tries";
            again_with(&shell, &who, &again("current", fault)).await
        }
        Err(SignInError::CodeNeeded) => {
            again_with(&shell, &who, &again("code", "is needed, too")).await
        }
        Err(SignInError::Engine(EngineError::Invalid(faults))) => {
            again_with(&shell, &who, &faults).await
        }
        Err(SignInError::Engine(other)) => Err(other.into()),
    }
}

/// Makes a secret for a second factor, to be confirmed.
pub(crate) async fn begin_second_factor(
    who: Who,
    State(shell): State<Shell>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response, Failure> {
    let form = posted.by(&who)?;
    let token = SIGN_IN.read(&shell.site, &headers).unwrap_or_default();
    match shell.engine.begin_totp(&token, form.get("shown")).await {
        Ok(secret) => {
            let told = Told { secret: Some(&secret), ..Told::default() };
            Ok(page(&shell, &who, &told).await?.into_response())
        }
        Err(SignInError::Engine(other)) => Err(other.into()),
        Err(SignInError::Wrong | SignInError::CodeNeeded) => {
            let fault = "is not right, or there were too many tries";
            again_with(&shell, &who, &[FieldFault::new("shown", fault)]).await
        }
    }
}

/// Puts the second factor in force.
pub(crate) async fn confirm_second_factor(
    who: Who,
    State(shell): State<Shell>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form = posted.by(&who)?;
    let confirmed = shell.engine.confirm_totp(&who.signed.actor, form.get("code").trim()).await;
    back_or_again(&shell, &who, confirmed).await
}

/// Ends one of the account's sign-ins.
pub(crate) async fn end_sign_in(
    who: Who,
    State(shell): State<Shell>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.by(&who)?;
    let (by, name) = (&who.signed.actor, &who.signed.actor.name);
    shell.engine.revoke_sign_in(by, name, &id, Cause::Request).await?;
    shell.uploads.end_of(&id);
    Ok(confirming(YOU, Confirmation::SignInEnded))
}

async fn back_or_again(
    shell: &Shell,
    who: &Who,
    done: Result<(), EngineError>,
) -> Result<Response, Failure> {
    match taken(done)? {
        Ok(()) => Ok(confirming(YOU, Confirmation::SecondFactorSet)),
        Err(faults) => again_with(shell, who, &faults).await,
    }
}

async fn again_with(shell: &Shell, who: &Who, faults: &[FieldFault]) -> Result<Response, Failure> {
    let page = page(shell, who, &Told { faults, ..Told::default() }).await?;
    Ok(page.again())
}

async fn page(shell: &Shell, who: &Who, told: &Told<'_>) -> Result<Page, Failure> {
    let name = &who.signed.actor.name;
    let sign_ins = shell.engine.sign_ins(name).await?;
    let second = shell.engine.has_totp(name).await?;
    let token = &who.signed.csrf;
    let content = html! {
        h1 { "Your account " code { (name) } }
        @if who.signed.must_set_password {
            div .warn { p { "Please set a password of your own first." } }
        }
        (faults(told.faults))
        div .two {
            div {
                (roles(who))
                section .card {
                    h2 { "Where you are signed in" }
                    ul .timeline {
                        @for one in &sign_ins {
                            li {
                                p .what { (one.agent) @if one.id == who.signed.id { " " span .tag .good { "this one" } } }
                                p .soft { "since " (millis(one.created)) ", last seen " (millis(one.seen)) }
                                @if one.id != who.signed.id {
                                    form method="post" action={ "/house/you/sign-ins/" (one.id) "/end" } {
                                        (csrf(token)) button .bad { "End it" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            div {
                section .card #password {
                    h2 { "Password" }
                    form method="post" action="/house/you/password" {
                        (csrf(token))
                        input type="text" name="account" value=(name) autocomplete="username" hidden;
                        @if who.signed.method == Method::Link {
                            @if second {
                                div .field {
                                    label for="field-code" { "Code of your authenticator" }
                                    input #field-code name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="8";
                                }
                            }
                        } @else {
                            div .field {
                                label for="field-current" { "Password of now" }
                                input #field-current type="password" name="current" autocomplete="current-password" maxlength="200";
                            }
                        }
                        div .field {
                            label for="field-password" { "New password" }
                            span .hint #password-hint { "At least 12 characters; several words make a good one. All your other sign-ins end." }
                            input #field-password type="password" name="password" autocomplete="new-password" required maxlength="200" aria-describedby="password-hint";
                        }
                        div .field {
                            label for="field-again" { "The same again" }
                            input #field-again type="password" name="again" autocomplete="new-password" required maxlength="200";
                        }
                        button .main { "Set the password" }
                    }
                }
                (second_factor(token, second, told.secret))
            }
        }
    };
    Ok(in_house(who, "Your account", &content))
}

fn roles(who: &Who) -> Markup {
    let notice = who.policy.policy().notice();
    html! {
        section .card {
            h2 { "What you work for" }
            ul {
                @for room in who.rooms.iter().filter(|room| room.level.is_some()) {
                    li {
                        a href={ "/" (room.purpose) } { (notice.purposes.get(&room.purpose).map_or(room.purpose.as_str(), |purpose| purpose.title.as_str())) }
                        " " span .soft { (level(room.level)) }
                    }
                }
            }
        }
    }
}

const fn level(level: Option<Level>) -> &'static str {
    match level {
        None => "",
        Some(Level::Read) => "reading",
        Some(Level::Write) => "reading and writing",
        Some(Level::Approve) => "reading, writing and approving",
    }
}

fn second_factor(token: &str, second: bool, secret: Option<&TotpSecret>) -> Markup {
    html! {
        section .card #second-factor {
            h2 { "Second factor" }
            @if let Some(secret) = secret {
                p { "Add this secret to your authenticator, then type the code that it shows." }
                p { code { (secret.secret.as_str()) } }
                p { a href=(secret.url.as_str()) { "Open it in an authenticator on this device" } }
                form method="post" action="/house/you/second-factor/confirm" {
                    (csrf(token))
                    div .field {
                        label for="field-new-code" { "Code" }
                        input #field-new-code name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="8";
                    }
                    button .main { "Confirm" }
                }
            } @else {
                p {
                    @if second { "You are asked for the code of your authenticator at each sign-in." }
                    @else { "A code of an authenticator app besides the password keeps others out who have learned it." }
                }
                form method="post" action="/house/you/second-factor" {
                    (csrf(token))
                    div .field {
                        label for="field-shown" { "Your password" }
                        span .hint #shown-hint { "Asked for again, so that nobody does it who finds your browser open." }
                        input #field-shown type="password" name="shown" autocomplete="current-password" required maxlength="200" aria-describedby="shown-hint";
                    }
                    button { @if second { "Take another authenticator" } @else { "Set up a second factor" } }
                }
            }
        }
    }
}
