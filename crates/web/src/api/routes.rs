//! The table of routes: all that this API answers, in one place.

use axum::routing::{MethodRouter, get, patch, post};

use crate::api::{
    audience, contacts, health, insight, notice, objects, openapi, records, reports, requests,
};
use crate::app::Shell;

pub(crate) const PURPOSES: &str = "/api/v1";
pub(crate) const PURPOSE: &str = "/api/v1/{purpose}";
pub(crate) const CONTACTS: &str = "/api/v1/{purpose}/contacts";
pub(crate) const CONTACT: &str = "/api/v1/{purpose}/contacts/{contact}";
pub(crate) const EXPORT: &str = "/api/v1/{purpose}/contacts/{contact}/export";
pub(crate) const WHY: &str = "/api/v1/{purpose}/contacts/{contact}/why";
pub(crate) const AUDIENCE: &str = "/api/v1/{purpose}/audience";
pub(crate) const AUDIENCE_EXPLAINED: &str = "/api/v1/{purpose}/audience/explanation";
pub(crate) const INSIGHT: &str = "/api/v1/{purpose}/contacts/{contact}/insight";
pub(crate) const STATEMENTS: &str = "/api/v1/{purpose}/contacts/{contact}/statements";
pub(crate) const ERASURE: &str = "/api/v1/{purpose}/contacts/{contact}/erasure";
pub(crate) const RECORDS: &str = "/api/v1/{purpose}/contacts/{contact}/records";
pub(crate) const RECORD: &str = "/api/v1/{purpose}/contacts/{contact}/records/{category}/{record}";
pub(crate) const COMPANIES: &str = "/api/v1/{purpose}/companies";
pub(crate) const COMPANY: &str = "/api/v1/{purpose}/companies/{company}";
pub(crate) const OBJECTS: &str = "/api/v1/{purpose}/objects/{kind}";
pub(crate) const OBJECT: &str = "/api/v1/{purpose}/objects/{kind}/{object}";
pub(crate) const ALIASED: &str = "/api/v1/{purpose}/records";
pub(crate) const REPORT: &str = "/api/v1/{purpose}/report";
pub(crate) const OPENAPI: &str = "/api/openapi.json";
pub(crate) const PROBLEM: &str = "/problems/{problem}";
pub(crate) const HEALTH: &str = "/healthz";

/// What a request needs to be heard on a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it tells nothing that is not published.
    Nothing,
    /// A token.
    Token,
    /// A token that is granted the purpose in the path.
    Purpose,
}

/// A route by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteName {
    /// `GET`, `POST` or `PATCH`.
    pub method: &'static str,
    /// The path, with its places in braces.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
}

/// All routes, so that a test can hold each against a denial.
pub fn all_routes() -> Vec<RouteName> {
    table().into_iter().map(|(name, _)| name).collect()
}

pub(crate) fn table() -> Vec<(RouteName, MethodRouter<Shell>)> {
    use Needs::{Nothing, Purpose, Token};
    let route = |method, path, needs, handler| (RouteName { method, path, needs }, handler);
    vec![
        route("GET", PURPOSES, Token, get(notice::purposes)),
        route("GET", PURPOSE, Purpose, get(notice::purpose)),
        route("GET", CONTACTS, Purpose, get(contacts::list)),
        route("POST", CONTACTS, Purpose, post(contacts::add)),
        route("GET", CONTACT, Purpose, get(contacts::show)),
        route("PATCH", CONTACT, Purpose, patch(contacts::change)),
        route("GET", EXPORT, Purpose, get(contacts::export)),
        route("GET", WHY, Purpose, get(contacts::why)),
        route("POST", AUDIENCE, Purpose, post(audience::ask)),
        route("POST", AUDIENCE_EXPLAINED, Purpose, post(audience::explain)),
        route("GET", INSIGHT, Purpose, get(insight::show)),
        route("POST", INSIGHT, Purpose, post(insight::decide)),
        route("POST", STATEMENTS, Purpose, post(requests::say)),
        route("POST", ERASURE, Purpose, post(requests::erase)),
        route("GET", RECORDS, Purpose, get(records::list)),
        route("POST", RECORDS, Purpose, post(records::add)),
        route("GET", RECORD, Purpose, get(records::show)),
        route("PATCH", RECORD, Purpose, patch(records::change)),
        route("GET", COMPANIES, Purpose, get(objects::list)),
        route("POST", COMPANIES, Purpose, post(objects::add)),
        route("GET", COMPANY, Purpose, get(objects::show)),
        route("PATCH", COMPANY, Purpose, patch(objects::change)),
        route("GET", OBJECTS, Purpose, get(objects::list)),
        route("POST", OBJECTS, Purpose, post(objects::add)),
        route("GET", OBJECT, Purpose, get(objects::show)),
        route("PATCH", OBJECT, Purpose, patch(objects::change)),
        route("GET", ALIASED, Purpose, get(reports::aliased)),
        route("GET", REPORT, Purpose, get(reports::report)),
        route("GET", OPENAPI, Nothing, get(openapi::describe)),
        route("GET", PROBLEM, Nothing, get(health::problem)),
        route("GET", HEALTH, Nothing, get(health::health)),
    ]
}
