//! Signing in and out. What is typed is in the body of a request, never in its address.

use std::net::IpAddr;

use axum::extract::{Extension, State};
use axum::http::header::{LOCATION, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gantry_engine::{Attempt, SignInError, SignedInNow};
use maud::{Markup, html};

use crate::app::Shell;
use crate::assets::ADDRESSES;
use crate::console::door::{Posted, Who, comes_from_here, cookie, cookie_name};
use crate::console::form::{self, Form};
use crate::page::{Failure, Page, document, is_page};
use crate::serve::Peer;
use crate::site::Site;

/// Where to go after signing in, as `Failure::SignIn` left it.
const NEXT: &str = "gantry-next";
/// By which a browser is known in which somebody signed in before.
const KNOWN: &str = "gantry-known";
/// For half a year.
const KNOWN_SECONDS: u32 = 15_552_000;
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
    let form = form::read(request).await?;
    let agent = agent(&headers);
    let attempt = Attempt {
        account: form.get("account").trim(),
        password: form.get("password"),
        code: form.filled("code"),
        browser: cookie(&headers, KNOWN),
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
    let form = form::read(request).await?;
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
    if let Some(token) = cookie(&headers, cookie_name(&shell.site)) {
        shell.engine.sign_out(token).await?;
    }
    shell.uploads.end_of(&who.signed.id);
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, "/sign-in")]).into_response();
    set_cookie(&mut response, &shell.site, "", 0);
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

/// The way on after signing in, with the cookie.
pub(super) fn entered(site: &Site, headers: &HeaderMap, now: &SignedInNow) -> Response {
    let next = cookie(headers, NEXT).filter(|next| is_page(next)).unwrap_or("/");
    let next = if now.must_set_password { "/house/you#password" } else { next };
    let next = HeaderValue::try_from(next).unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, next)]).into_response();
    let over = HeaderValue::from_static("gantry-next=; Path=/sign-in; Max-Age=0");
    response.headers_mut().append(SET_COOKIE, over);
    set_cookie(&mut response, site, &now.token, DAY_SECONDS);
    let secure = if site.secure() { "; Secure" } else { "" };
    let known = format!(
        "{KNOWN}={}; Path=/sign-in; Max-Age={KNOWN_SECONDS}; HttpOnly; SameSite=Lax{secure}",
        now.browser
    );
    if let Ok(known) = HeaderValue::try_from(known) {
        response.headers_mut().append(SET_COOKIE, known);
    }
    response
}

/// The engine ends it sooner; the cookie must not outlive the browser by more than a day.
pub(super) const DAY_SECONDS: u32 = 86_400;

/// Gives the browser the ticket of a sign-in; an empty one for none.
pub(super) fn set_cookie(response: &mut Response, site: &Site, token: &str, seconds: u32) {
    let (name, secure) = (cookie_name(site), if site.secure() { "; Secure" } else { "" });
    let cookie =
        format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
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
