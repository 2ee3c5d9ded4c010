//! The one stylesheet, the one script and the icon, under names that change when they do.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::Shell;

const STYLE: &str = include_str!("gantry.css");
const SCRIPT: &str = include_str!("gantry.js");
const ICON: &str = include_str!("icon.svg");
/// Colours of as many purposes as a notice can have.
const PURPOSES: u16 = 64;
/// Neighbours in the notice are to look different: steps of the golden angle.
const GOLDEN_ANGLE: u16 = 137;
/// What has its version in its address never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Addresses of the assets, with the version of their content.
pub(crate) struct Addresses {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

/// Where the assets are.
pub(crate) static ADDRESSES: LazyLock<Addresses> = LazyLock::new(|| Addresses {
    style: address("gantry.css", &sheet()),
    script: address("gantry.js", SCRIPT),
    icon: address("icon.svg", ICON),
});

pub(crate) fn routes() -> Router<Shell> {
    Router::new()
        .route("/assets/gantry.css", get(async || asset("text/css; charset=utf-8", sheet())))
        .route("/assets/gantry.js", get(async || asset("text/javascript; charset=utf-8", SCRIPT)))
        .route("/assets/icon.svg", get(async || asset("image/svg+xml", ICON)))
}

fn asset(kind: &'static str, content: impl IntoResponse) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, FOR_EVER)], content).into_response()
}

/// The stylesheet, with a hue for each purpose.
fn sheet() -> String {
    let hue = |number: u16| (205 + number * GOLDEN_ANGLE) % 360;
    let hues = (1..=PURPOSES).map(|number| format!(".p{number}{{--hue:{}}}\n", hue(number)));
    hues.fold(STYLE.to_owned(), |sheet, rule| sheet + &rule)
}

fn address(name: &str, content: &str) -> String {
    // FNV-1a: it tells versions apart, and guards nothing.
    let hash = content.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("/assets/{name}?v={hash:016x}")
}
