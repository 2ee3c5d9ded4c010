//! Forms with a file: their fields, and the file in memory as far as there is room for it.

use std::time::Duration;

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use futures::StreamExt as _;

use crate::form::{Form, MAX_FIELDS, MAX_FORM};
use crate::page::Failure;
use crate::problem::{Kind, Problem};

/// A form with a file may take longer than one without.
const FILE_WITHIN: Duration = Duration::from_mins(5);
/// Of a form that is too large, so much is passed over: a browser that is cut off shows no answer.
const PASSED_OVER: usize = 512 << 20;

/// What a form with a file says.
pub(crate) struct Sent {
    pub(crate) form: Form,
    /// Name and content of the file, where there is one.
    pub(crate) file: Option<(String, Vec<u8>)>,
}

/// How large the file of a form may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    file: usize,
}

impl Bounds {
    /// At most so many bytes.
    pub(crate) fn file(most: usize) -> Bounds {
        Bounds { file: most }
    }

    fn too_large(self) -> Failure {
        let size = match (self.file >> 20, self.file >> 10) {
            (0, kib) => format!("{kib} KiB"),
            (mib, _) => format!("{mib} MiB"),
        };
        Problem::new(Kind::TooLarge, format!("a file has at most {size} here")).into()
    }

    fn unread(self, error: &MultipartError) -> Failure {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE { self.too_large() } else { malformed() }
    }
}

/// Reads a form with at most one file. Its first field must be `csrf` with that token: before that
/// nothing of it is kept.
pub(crate) async fn read(
    mut request: Request,
    csrf: &str,
    bounds: Bounds,
    grow: impl FnMut(usize) -> Result<(), Failure>,
) -> Result<Sent, Failure> {
    let most = bounds.file.saturating_add(MAX_FORM);
    let read = async {
        let told = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if told.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > most) {
            pass_over(request.into_body()).await;
            return Err(bounds.too_large());
        }
        DefaultBodyLimit::max(most).apply(&mut request);
        // What is no form with files does not come from a page of ours.
        let parts = Multipart::from_request(request, &()).await.map_err(|_| Failure::Forged)?;
        fields(parts, csrf, bounds, grow).await
    };
    let timeout = || Problem::new(Kind::Timeout, "a file must come within five minutes");
    tokio::time::timeout(FILE_WITHIN, read).await.map_err(|_| timeout())?
}

async fn fields(
    mut parts: Multipart,
    csrf: &str,
    bounds: Bounds,
    mut grow: impl FnMut(usize) -> Result<(), Failure>,
) -> Result<Sent, Failure> {
    let (mut form, mut file, mut texts) = (Form::default(), None, 0);
    while let Some(field) = parts.next_field().await.map_err(|error| bounds.unread(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        if form.0.is_empty() {
            let token = read_field(field, bounds, MAX_FORM, |_| Ok(())).await?;
            if name != "csrf" || token != csrf.as_bytes() {
                return Err(Failure::Forged);
            }
            form.0.push((name, csrf.to_owned()));
        } else if let Some(called) = field.file_name().map(str::to_owned) {
            if file.is_some() {
                return Err(malformed());
            }
            let content = read_field(field, bounds, bounds.file, &mut grow).await?;
            file = Some((called, content));
        } else {
            let text = read_field(field, bounds, MAX_FORM - texts, |_| Ok(())).await?;
            texts += text.len();
            form.0.push((name, String::from_utf8(text).map_err(|_| malformed())?));
            if form.0.len() > MAX_FIELDS {
                return Err(malformed());
            }
        }
    }
    if form.0.is_empty() { Err(Failure::Forged) } else { Ok(Sent { form, file }) }
}

async fn read_field(
    mut field: Field<'_>,
    bounds: Bounds,
    most: usize,
    mut grow: impl FnMut(usize) -> Result<(), Failure>,
) -> Result<Vec<u8>, Failure> {
    let mut read = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| bounds.unread(&error))? {
        if read.len() + chunk.len() > most {
            return Err(bounds.too_large());
        }
        grow(chunk.len())?;
        read.extend_from_slice(&chunk);
    }
    Ok(read)
}

async fn pass_over(body: Body) {
    let mut chunks = body.into_data_stream();
    let mut left = PASSED_OVER;
    while let Some(Ok(chunk)) = chunks.next().await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}

fn malformed() -> Failure {
    Problem::new(Kind::Malformed, "the form cannot be read").into()
}
