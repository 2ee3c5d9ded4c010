//! Signing in and out. What is typed is in the body of a request, never in its address.

use std::net::IpAddr;

use axum::extract::{Extension, State};
use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use gantry_engine::{Attempt, SignInError, SignedInNow};
use maud::{Markup, html};

use crate::app::Shell;
use crate::assets::ADDRESSES;
use crate::console::door::{Posted, Who, comes_from_here};
use crate::cookie::Kept;
use crate::form::{Form, MAX_FORM};
use crate::page::{Failure, Page, document, see};
use crate::peer::Peer;
use crate::site::Site;

/// The ticket of a sign-in. The engine ends it sooner; it must not outlive the browser by more than a
/// day.
pub(super) const SIGN_IN: Kept = Kept { name: "gantry", path: "/", minutes: 60 * 24 };
/// Where to go after signing in: not in the address, where it would stand in histories.
const NEXT: Kept = Kept { name: "gantry-next", path: "/sign-in", minutes: 15 };
/// By which a browser is known in which somebody signed in before.
const KNOWN: Kept = Kept { name: "gantry-known", path: "/sign-in", minutes: 60 * 24 * 180 };
/// Where a password is set.
pub(super) const PASSWORD: &str = "/house/you#password";
/// What is remembered of a browser's name, so that its owner knows it again.
const AGENT_LENGTH: usize = 120;

/// The page for signing in.
pub(crate) async fn ask(State(shell): State<Shell>) -> Page {
    page(&shell, &Asked::default())
}

/// Signs in with what the form says.
pub(crate) async fn enter(
    State(shell): State<Shell>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Result<Response, Failure> {
    comes_from_here(&headers)?;
    shell.limits.count(address(peer))?;
    let form = Form::read(request, MAX_FORM).await?;
    let (agent, known) = (agent(&headers), KNOWN.read(&shell.site, &headers));
    let attempt = Attempt {
        account: form.get("account").trim(),
        password: form.get("password"),
        code: form.filled("code"),
        browser: known.as_deref(),
        agent: &agent,
    };
    match shell.engine.sign_in(&attempt).await {
        Ok(now) => Ok(entered(&shell.site, &headers, &now)),
        Err(SignInError::CodeNeeded) => {
            let asked = Asked { form: Some(&form), code_missing: true, wrong: false };
            Ok(page(&shell, &asked).with(StatusCode::UNAUTHORIZED).into_response())
        }
        Err(SignInError::Wrong) => {
            let asked = Asked { form: Some(&form), code_missing: false, wrong: true };
            Ok(page(&shell, &asked).with(StatusCode::UNAUTHORIZED).into_response())
        }
        Err(SignInError::Engine(error)) => Err(error.into()),
    }
}

/// The page that a one-time link leads to. The link's text stands behind `#`, which browsers send to
/// nobody; the script puts it into the field, and without script it is pasted.
pub(crate) async fn ask_link() -> Page {
    let body = html! {
        (head())
        main #content .narrow {
            h1 { "Your first sign-in" }
            p { "The link is good once. You will be asked for a password of your own." }
            form method="post" action="/sign-in/link" {
                div .field {
                    label for="link" { "The link, or what stands behind its #" }
                    input #link name="link" type="password" autocomplete="off" required maxlength="400" data-from-hash;
                }
                button .main { "Sign in" }
            }
        }
    };
    Page::new(document("en", "Your first sign-in", None, &body))
}

/// Signs in by a one-time link.
pub(crate) async fn enter_by_link(
    State(shell): State<Shell>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Result<Response, Failure> {
    comes_from_here(&headers)?;
    shell.limits.count(address(peer))?;
    let form = Form::read(request, MAX_FORM).await?;
    let text = form.get("link").trim();
    let link = text.rsplit_once('#').map_or(text, |(_, link)| link);
    match shell.engine.sign_in_by_link(link, &agent(&headers)).await {
        Ok(now) => Ok(entered(&shell.site, &headers, &now)),
        Err(SignInError::Engine(error)) => Err(error.into()),
        Err(_) => {
            let body = html! {
                (head())
                main #content .narrow {
                    h1 { "This link is not good" }
                    p { "It was used already, or it is older than a day. Ask for another one: " code { "gantry user link NAME" } }
                    p { a href="/sign-in" { "Sign in with a password" } }
                }
            };
            let page = Page::new(document("en", "This link is not good", None, &body));
            Ok(page.with(StatusCode::UNAUTHORIZED).into_response())
        }
    }
}

/// Signs out.
pub(crate) async fn leave(
    who: Who,
    State(shell): State<Shell>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.by(&who)?;
    if let Some(token) = SIGN_IN.read(&shell.site, &headers) {
        shell.engine.sign_out(&token).await?;
    }
    shell.uploads.end_of(&who.signed.id);
    let mut response = see("/sign-in");
    SIGN_IN.forget(&shell.site, &mut response);
    Ok(response)
}

/// What the page shows besides its fields.
#[derive(Default)]
struct Asked<'a> {
    form: Option<&'a Form>,
    code_missing: bool,
    wrong: bool,
}

fn page(shell: &Shell, asked: &Asked<'_>) -> Page {
    let value = |name| asked.form.map(|form| form.get(name)).unwrap_or_default();
    let body = html! {
        (head())
        main #content .narrow {
            h1 { "Sign in" }
            @if asked.wrong {
                div .error role="alert" {
                    p { "That did not fit. Check the account, the password and, if you use one, the code." }
                    p { "After several tries an account rests for some minutes." }
                }
            }
            @if asked.code_missing {
                div .error role="alert" { p { "This account has a second factor: type the code as well." } }
            }
            form method="post" action="/sign-in" {
                div .field {
                    label for="account" { "Account" }
                    input #account name="account" value=(value("account")) autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64" autofocus;
                }
                div .field {
                    label for="password" { "Password" }
                    input #password name="password" type="password" autocomplete="current-password" required maxlength="200";
                }
                div .field {
                    label for="code" { "Code of your authenticator" }
                    span .hint #code-hint { "Only where you have set one up" }
                    input #code name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="8" aria-describedby="code-hint";
                }
                button .main { "Sign in" }
            }
            @if let Some(provider) = &shell.site.provider {
                p { a .button href="/sign-in/provider" { "Sign in with " (provider.title) } }
            }
            @if let Some(demo) = &shell.site.demo {
                section .note {
                    h2 { "This is a demo" }
                    p { "Its people are invented. The password of each account is " code { (demo.password) } "." }
                    dl .fields {
                        @for (account, title) in &demo.accounts {
                            dt { code { (account) } } dd { (title) }
                        }
                    }
                }
            }
            p .soft { a href="/notice" { "The privacy notice" } }
        }
    };
    Page::new(document("en", "Sign in", None, &body))
}

pub(super) fn head() -> Markup {
    html! {
        header .top { span .brand { img src=(ADDRESSES.icon) alt=""; "Gantry" } }
    }
}

/// The way to signing in, from a page that needs it.
pub(super) fn first(site: &Site, next: Option<&str>) -> Response {
    let mut response = see("/sign-in");
    if let Some(next) = next.filter(|next| is_page(next)) {
        NEXT.set(site, next, &mut response);
    }
    response
}

/// The way on after signing in.
pub(super) fn entered(site: &Site, headers: &HeaderMap, now: &SignedInNow) -> Response {
    let next = NEXT.read(site, headers).filter(|next| is_page(next));
    let next = next.unwrap_or_else(|| "/".to_owned());
    let mut response = see(if now.must_set_password { PASSWORD.to_owned() } else { next });
    NEXT.forget(site, &mut response);
    SIGN_IN.set(site, &now.token, &mut response);
    KNOWN.set(site, &now.browser, &mut response);
    response
}

/// Whether a text is the path of a page here, and nothing that leads elsewhere (`//host`, `/\\host`).
fn is_page(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    path.starts_with('/') && !path.starts_with("//") && path.chars().all(plain)
}

/// What the browser calls itself, shortened.
pub(super) fn agent(headers: &HeaderMap) -> String {
    let said = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.chars().filter(|c| !c.is_control()).take(AGENT_LENGTH).collect()
}

/// From which address of the network somebody comes.
pub(crate) fn address(peer: Option<Extension<Peer>>) -> Option<IpAddr> {
    peer.map(|Extension(Peer(address))| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_the_way_leads_to_pages_here_alone() {
        for page in ["/", "/crm/contacts", "/delivery.training/objects/class"] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a?b",
            "/a;b",
            "/%2f",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }
}
