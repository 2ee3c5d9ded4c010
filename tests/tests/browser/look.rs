//! How a page lies on a screen: whether it fits, and whether a finger hits what it is to hit.

use crate::browser::Browser;

/// Parts that stick out of the screen, where the page scrolls sideways. What scrolls by itself may; a part
/// that is placed on its own is scrolled only by what it is placed in.
const STICKS_OUT: &str = "
    const width = document.documentElement.clientWidth, wide = document.documentElement.scrollWidth;
    if (wide <= width) return [];
    const around = (e) => getComputedStyle(e).position === 'absolute' ? e.offsetParent : e.parentElement;
    const scrolled = (e) => {
        const by = around(e);
        return by && by !== document.body
            && (getComputedStyle(by).overflowX !== 'visible' || scrolled(by));
    };
    const out = [...document.body.querySelectorAll('*')]
        .filter((e) => e.getBoundingClientRect().right > width + 1 && !scrolled(e))
        .map((e) => e.outerHTML.slice(0, 160));
    return out.length ? out : [`something: the page is ${wide} pixels wide`]";

/// Things to be hit that are smaller than 24 pixels. A link among words is as high as its line (WCAG 2.2,
/// 2.5.8), and what is shown to screen readers alone has no size.
const SMALL: &str = "
    const among = (e) => getComputedStyle(e).display === 'inline'
        && [...e.parentElement.childNodes].some((n) => n !== e && n.textContent.trim() !== '');
    return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
        .filter((e) => e.checkVisibility() && !among(e))
        .map((e) => [e, e.getBoundingClientRect()])
        .filter(([e, r]) => r.width > 1 && (r.width < 24 || r.height < 24))
        .map(([e, r]) => `${Math.round(r.width)}×${Math.round(r.height)} ${e.outerHTML.slice(0, 160)}`)";

/// Parts of the page that stick out of the screen.
pub(crate) async fn sticks_out(browser: &Browser) -> Vec<String> {
    texts(browser, STICKS_OUT).await
}

/// Links, buttons and fields that are too small for a finger.
pub(crate) async fn small_targets(browser: &Browser) -> Vec<String> {
    texts(browser, SMALL).await
}

async fn texts(browser: &Browser, script: &str) -> Vec<String> {
    let found = browser.script(script).await;
    found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}
