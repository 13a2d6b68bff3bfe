//! Forms with files, as far as the doubles look into them.

use super::double::Refusal;
use super::request::Request;
use memchr::memmem;

/// The fields of a `multipart/form-data` body.
pub(super) struct Form<'request> {
    parts: Vec<Part<'request>>,
}

/// A file of a form.
pub(super) struct File {
    pub(super) name: String,
    /// Its length.
    pub(super) bytes: usize,
}

struct Part<'request> {
    head: String,
    content: &'request [u8],
}

impl<'request> Form<'request> {
    /// Reads a request's body.
    pub(super) fn of(request: &'request Request) -> Result<Self, Refusal> {
        let kind = request.header("content-type").unwrap_or_default();
        let (_, boundary) = kind.split_once("boundary=").ok_or(Refusal::Missing { field: "file" })?;
        let boundary = boundary.split(';').next().unwrap_or_default().trim_matches('"');
        let parts = split(&request.body, format!("--{boundary}").as_bytes());
        Ok(Self {
            parts: parts.into_iter().filter_map(Part::read).collect(),
        })
    }

    /// A field's text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let part = self.part(name)?;
        Some(String::from_utf8_lossy(part.content).into_owned())
    }

    pub(super) fn file(&self, name: &str) -> Option<File> {
        let part = self.part(name)?;
        Some(File {
            name: part.parameter("filename")?.to_owned(),
            bytes: part.content.len(),
        })
    }

    fn part(&self, name: &str) -> Option<&Part<'request>> {
        self.parts.iter().find(|part| part.parameter("name") == Some(name))
    }
}

impl<'request> Part<'request> {
    fn read(part: &'request [u8]) -> Option<Self> {
        let part = part.strip_prefix(b"\r\n")?.strip_suffix(b"\r\n")?;
        let end_of_head = memmem::find(part, b"\r\n\r\n")?;
        Some(Self {
            head: String::from_utf8_lossy(&part[..end_of_head]).into_owned(),
            content: &part[end_of_head + 4..],
        })
    }

    /// A parameter of the head: `name="model"`. Clients differ in quoting it.
    fn parameter(&self, wanted: &str) -> Option<&str> {
        let parameters = self
            .head
            .split(['\r', '\n', ';'])
            .filter_map(|one| one.trim().split_once('='));
        let mut found = parameters.filter(|(name, _)| *name == wanted);
        found.next().map(|(_, value)| value.trim_matches('"'))
    }
}

fn split<'body>(body: &'body [u8], boundary: &[u8]) -> Vec<&'body [u8]> {
    let places: Vec<usize> = memmem::find_iter(body, boundary).collect();
    let pairs = places.iter().zip(places.iter().skip(1));
    pairs.map(|(start, end)| &body[start + boundary.len()..*end]).collect()
}
