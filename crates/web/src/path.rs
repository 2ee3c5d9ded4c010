//! Paths made of names.

/// The path of a route with its places filled. Names of a notice and ids need no escaping.
pub(crate) fn path(template: &str, names: &[(&str, &str)]) -> String {
    let mut path = template.to_owned();
    for (place, name) in names {
        path = path.replace(&format!("{{{place}}}"), name);
    }
    path
}
