//! The table of pages: all that the console answers, in one place.

use axum::Router;
use axum::routing::{MethodRouter, get, post};

use super::{
    aliased, contact, contacts, federated, home, import, insight, notice, palette, people, record,
    report, rights, sign_in, start, thing, things, trail, why, you,
};
use crate::app::Shell;

/// What a page needs to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageNeeds {
    /// Nothing: it tells nothing that is not published.
    Nothing,
    /// A sign-in.
    SignIn,
    /// A sign-in of an account that has the purpose in the path.
    Purpose,
}

/// A page by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageName {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, with its places in braces.
    pub path: &'static str,
    /// What it needs.
    pub needs: PageNeeds,
}

/// All pages, so that a test can hold each against a denial.
pub fn all_pages() -> Vec<PageName> {
    table().into_iter().chain(imports()).map(|(name, _)| name).collect()
}

pub(crate) fn routes() -> Router<Shell> {
    table()
        .into_iter()
        .chain(imports())
        .fold(Router::new(), |router, (name, methods)| router.route(name.path, methods))
}

fn table() -> Vec<(PageName, MethodRouter<Shell>)> {
    use PageNeeds::{Nothing, Purpose, SignIn};
    let page = |path, needs, handler| (PageName { method: "GET", path, needs }, handler);
    let sent = |path, needs, handler| (PageName { method: "POST", path, needs }, handler);
    vec![
        page("/", SignIn, get(home::home)),
        page("/sign-in", Nothing, get(sign_in::ask)),
        sent("/sign-in", Nothing, post(sign_in::enter)),
        page("/sign-in/link", Nothing, get(sign_in::ask_link)),
        sent("/sign-in/link", Nothing, post(sign_in::enter_by_link)),
        page("/sign-in/provider", Nothing, get(federated::leave)),
        page("/sign-in/provider/back", Nothing, get(federated::back)),
        sent("/sign-out", SignIn, post(sign_in::leave)),
        page("/house/you", SignIn, get(you::show)),
        sent("/house/you/password", SignIn, post(you::set_password)),
        sent("/house/you/second-factor", SignIn, post(you::begin_second_factor)),
        sent("/house/you/second-factor/confirm", SignIn, post(you::confirm_second_factor)),
        sent("/house/you/sign-ins/{sign_in}/end", SignIn, post(you::end_sign_in)),
        page("/house/palette", SignIn, get(palette::places)),
        page("/notice", Nothing, get(home::notice)),
        page("/house/notice", SignIn, get(notice::show)),
        page("/house/notice/compare", SignIn, get(notice::compare)),
        page("/house/notice/told", SignIn, get(notice::told)),
        page("/house/notice/told.csv", SignIn, get(notice::told_csv)),
        page("/house/notice/next", SignIn, get(notice::next)),
        sent("/house/notice/next", SignIn, post(notice::propose)),
        sent("/house/notice/next/approve", SignIn, post(notice::approve)),
        sent("/house/notice/next/withdraw", SignIn, post(notice::withdraw)),
        page("/{purpose}", Purpose, get(start::start)),
        page("/{purpose}/contacts", Purpose, get(contacts::list)),
        sent("/{purpose}/contacts/find", Purpose, post(contacts::find)),
        page("/{purpose}/contacts/new", Purpose, get(contact::ask_new)),
        sent("/{purpose}/contacts/new", Purpose, post(contact::add)),
        page("/{purpose}/contacts/{contact}", Purpose, get(contact::show)),
        page("/{purpose}/contacts/{contact}/edit", Purpose, get(contact::ask_edit)),
        sent("/{purpose}/contacts/{contact}/edit", Purpose, post(contact::change)),
        page("/{purpose}/contacts/{contact}/why/{category}", Purpose, get(why::show)),
        page("/{purpose}/contacts/{contact}/records", Purpose, get(record::list)),
        page("/{purpose}/contacts/{contact}/records/{category}/new", Purpose, get(record::ask_new)),
        sent("/{purpose}/contacts/{contact}/records/{category}/new", Purpose, post(record::add)),
        page(
            "/{purpose}/contacts/{contact}/records/{category}/{record}",
            Purpose,
            get(record::show),
        ),
        sent(
            "/{purpose}/contacts/{contact}/records/{category}/{record}",
            Purpose,
            post(record::change),
        ),
        page("/{purpose}/contacts/{contact}/insight", Purpose, get(insight::show)),
        sent("/{purpose}/contacts/{contact}/insight", Purpose, post(insight::decide)),
        page("/{purpose}/contacts/{contact}/rights", Purpose, get(rights::show)),
        sent("/{purpose}/contacts/{contact}/rights", Purpose, post(rights::say)),
        page("/{purpose}/contacts/{contact}/rights/copy", Purpose, get(rights::copy)),
        sent("/{purpose}/contacts/{contact}/rights/erase", Purpose, post(rights::erase)),
        page("/{purpose}/objects/{kind}", Purpose, get(things::list)),
        sent("/{purpose}/objects/{kind}/find", Purpose, post(things::find)),
        page("/{purpose}/objects/{kind}/new", Purpose, get(thing::ask_new)),
        sent("/{purpose}/objects/{kind}/new", Purpose, post(thing::add)),
        page("/{purpose}/objects/{kind}/{object}", Purpose, get(thing::show)),
        page("/{purpose}/objects/{kind}/{object}/edit", Purpose, get(thing::ask_edit)),
        sent("/{purpose}/objects/{kind}/{object}/edit", Purpose, post(thing::change)),
        page("/{purpose}/objects/{kind}/{object}/people", Purpose, get(people::list)),
        page("/{purpose}/records", Purpose, get(aliased::records)),
        page("/{purpose}/report", Purpose, get(report::show)),
        page("/{purpose}/trail", Purpose, get(trail::list)),
        page("/{purpose}/trail/export", Purpose, get(trail::export)),
        sent("/{purpose}/trail/find", Purpose, post(trail::find)),
        sent("/{purpose}/trail/verify", Purpose, post(trail::verify)),
    ]
}

/// The pages of the import wizard.
fn imports() -> Vec<(PageName, MethodRouter<Shell>)> {
    let page =
        |path, handler| (PageName { method: "GET", path, needs: PageNeeds::Purpose }, handler);
    let sent =
        |path, handler| (PageName { method: "POST", path, needs: PageNeeds::Purpose }, handler);
    vec![
        page("/{purpose}/import", get(import::ask)),
        sent("/{purpose}/import", post(import::receive)),
        page("/{purpose}/import/{upload}", get(import::show)),
        sent("/{purpose}/import/{upload}", post(import::choose)),
        page("/{purpose}/import/{upload}/map", get(import::ask_map)),
        page("/{purpose}/import/{upload}/map.toml", get(import::map)),
        sent("/{purpose}/import/{upload}/check", post(import::check)),
        page("/{purpose}/import/{upload}/progress", get(import::progress)),
        sent("/{purpose}/import/{upload}/run", post(import::run)),
        page("/{purpose}/import/{upload}/rejects", get(import::rejects)),
        sent("/{purpose}/import/{upload}/leave", post(import::leave)),
    ]
}
