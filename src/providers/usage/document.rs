//! A JSON document, read for a few members at its top as its chunks pass: nothing is kept of the rest, however
//! large it is.

use super::Metered;
use super::dialect::Dialect;
use super::text::text_end;
use memchr::memchr2;

/// The longest value that is kept when chunks cut it.
const LONGEST_VALUE: usize = 256 * 1024;

/// No name that is looked for is longer.
const LONGEST_NAME: usize = 32;

/// What a byte means outside texts. Colons mean nothing, since names are known by their place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Nothing,
    Quote,
    Open,
    Close,
    Comma,
}

const MARKS: [Mark; 256] = {
    let mut table = [Mark::Nothing; 256];
    table[b'"' as usize] = Mark::Quote;
    table[b'{' as usize] = Mark::Open;
    table[b'[' as usize] = Mark::Open;
    table[b'}' as usize] = Mark::Close;
    table[b']' as usize] = Mark::Close;
    table[b',' as usize] = Mark::Comma;
    table
};

fn mark(byte: u8) -> Mark {
    MARKS[usize::from(byte)]
}

/// An object; or an array of objects, as Gemini streams where `alt=sse` is not asked for; or one object after
/// another. Broken JSON finds nothing, or nonsense, which the dialect skips.
pub(super) struct Document {
    wanted: &'static [&'static str],
    /// Open brackets.
    depth: u32,
    /// The depth of the members looked for: 1, or 2 inside an array.
    level: u32,
    place: Place,
    /// Whether the last byte, in a text or name, was a backslash that escapes the next.
    escapes: bool,
    /// The name being read, as far as an earlier chunk held it.
    name: Vec<u8>,
    /// The member whose value is being read.
    member: Option<&'static str>,
    /// Its value with the colon before it, as far as an earlier chunk held it.
    value: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside texts.
    Plain,
    /// Outside texts, where the next text is the name of a member that may be looked for.
    BeforeName,
    /// In such a name.
    Name,
    /// In any other text.
    Text,
}

impl Document {
    pub(super) fn new(wanted: &'static [&'static str]) -> Self {
        Self {
            wanted,
            depth: 0,
            level: 1,
            place: Place::Plain,
            escapes: false,
            name: Vec::new(),
            member: None,
            value: Vec::new(),
        }
    }

    /// Reads a chunk.
    pub(super) fn pass(&mut self, chunk: &[u8], dialect: &dyn Dialect, read: &mut Metered) {
        read.text_bytes += chunk.len() as u64;
        let mut at = 0;
        // Where the name or value that is being read begins in this chunk.
        let mut begin = 0;
        loop {
            at += self.skip_inner(&chunk[at..]);
            let Some(found) = self.next_mark(&chunk[at..]) else {
                break;
            };
            let found = at + found;
            at = found + 1;
            match (self.place, chunk[found]) {
                (Place::Name | Place::Text, b'\\') => self.escapes = true,
                (Place::Name, _) => {
                    self.finish_name(&chunk[begin..found]);
                    begin = at;
                }
                (Place::Text, _) => self.place = Place::Plain,
                (Place::BeforeName, b'"') => (self.place, begin) = (Place::Name, at),
                (Place::Plain, b'"') => self.place = Place::Text,
                (_, b'{' | b'[') => self.open(chunk[found]),
                (_, close_or_comma) => {
                    if self.depth == self.level {
                        self.finish_value(&chunk[begin..found], dialect, read);
                    }
                    self.pass_bracket_or_comma(close_or_comma);
                }
            }
        }
        self.keep(&chunk[begin..]);
    }

    /// Inside a value, where only its end matters: how many bytes come before that, or before a text or chunk
    /// that must be gone through otherwise.
    fn skip_inner(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        if self.place != Place::Plain || self.depth <= self.level {
            return 0;
        }
        while let Some(byte) = bytes.get(at) {
            match mark(*byte) {
                Mark::Nothing | Mark::Comma => {}
                Mark::Quote => match text_end(&bytes[at + 1..]) {
                    Some(end) => at += end + 1,
                    None => return at,
                },
                Mark::Open => self.depth = self.depth.saturating_add(1),
                Mark::Close if self.depth == self.level + 1 => return at,
                Mark::Close => self.depth -= 1,
            }
            at += 1;
        }
        at
    }

    /// The next byte that matters.
    fn next_mark(&mut self, bytes: &[u8]) -> Option<usize> {
        match self.place {
            Place::Plain | Place::BeforeName => bytes.iter().position(|byte| mark(*byte) != Mark::Nothing),
            Place::Name | Place::Text => {
                let escaped = usize::from(self.escapes && !bytes.is_empty());
                self.escapes &= bytes.is_empty();
                memchr2(b'"', b'\\', &bytes[escaped..]).map(|found| escaped + found)
            }
        }
    }

    fn open(&mut self, bracket: u8) {
        if self.depth == 0 {
            self.level = if bracket == b'[' { 2 } else { 1 };
        }
        self.depth = self.depth.saturating_add(1);
        let opens_members = self.depth == self.level && bracket == b'{';
        self.place = if opens_members { Place::BeforeName } else { Place::Plain };
    }

    fn pass_bracket_or_comma(&mut self, byte: u8) {
        let before_name = byte == b',' && self.depth == self.level;
        self.place = if before_name { Place::BeforeName } else { Place::Plain };
        if byte != b',' {
            self.depth = self.depth.saturating_sub(1);
        }
    }

    fn finish_name(&mut self, rest: &[u8]) {
        let cut = std::mem::take(&mut self.name);
        let is_name = |wanted: &&str| wanted.as_bytes().strip_prefix(&*cut) == Some(rest);
        self.member = self.wanted.iter().copied().find(is_name);
        self.place = Place::Plain;
    }

    fn finish_value(&mut self, rest: &[u8], dialect: &dyn Dialect, read: &mut Metered) {
        let Some(member) = self.member.take() else { return };
        let mut value = rest;
        if !self.value.is_empty() {
            self.value.extend_from_slice(rest);
            value = &self.value;
        }
        if let Some(value) = value.trim_ascii_start().strip_prefix(b":") {
            dialect.member(member, value, read);
            read.stream_error |= member == "error" && self.level == 2;
        }
        self.value.clear();
    }

    /// Keeps what the next chunk goes on with.
    fn keep(&mut self, rest: &[u8]) {
        if self.place == Place::Name {
            let room = (LONGEST_NAME + 1).saturating_sub(self.name.len());
            self.name.extend_from_slice(&rest[..rest.len().min(room)]);
        } else if self.member.is_some() {
            if self.value.len() + rest.len() > LONGEST_VALUE {
                (self.member, self.value) = (None, Vec::new());
            } else {
                self.value.extend_from_slice(rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::usage::dialect::Event;
    use std::sync::Mutex;

    /// Writes down what it is given.
    struct Recorder(Mutex<Vec<String>>);

    impl Dialect for Recorder {
        fn members(&self) -> &'static [&'static str] {
            &["usage", "model", "error"]
        }

        fn member(&self, name: &str, value: &[u8], _: &mut Metered) {
            let value = String::from_utf8_lossy(value).trim().to_owned();
            self.0.lock().unwrap().push(format!("{name}={value}"));
        }

        fn event(&self, _: &[u8], _: &mut Metered) -> Event {
            Event::Answer
        }
    }

    /// What is found, which is the same however the document is cut.
    fn found(json: &str) -> Vec<String> {
        let cut = |size: usize| {
            let recorder = Recorder(Mutex::default());
            let mut document = Document::new(recorder.members());
            for chunk in json.as_bytes().chunks(size) {
                document.pass(chunk, &recorder, &mut Metered::default());
            }
            recorder.0.into_inner().unwrap()
        };
        let whole = cut(json.len().max(1));
        for size in 1..8 {
            assert_eq!(cut(size), whole, "cut into chunks of {size}");
        }
        whole
    }

    #[test]
    fn members_are_found_at_the_top_only() {
        let json =
            r#"{"choices":[{"usage":{"no":1},"text":"\"usage\":{}, }"}], "usage" : {"a":[1,{"b":2}]} ,"model":"m"}"#;
        assert_eq!(found(json), [r#"usage={"a":[1,{"b":2}]}"#, r#"model="m""#]);
        assert_eq!(found(r#"{"x":"usage","usage":null}"#), ["usage=null"]);
        assert_eq!(
            found(r#"{"model":"a \\","usage":{"t":"\\\"}"}}"#),
            [r#"model="a \\""#, r#"usage={"t":"\\\"}"}"#]
        );
    }

    #[test]
    fn members_are_found_in_every_element_of_an_array() {
        assert_eq!(
            found("[{\"usage\":1,\"n\":{}}\n,\r\n{\"usage\":2}]"),
            ["usage=1", "usage=2"]
        );
        assert_eq!(found("{\"usage\":1}\n{\"usage\":{}}\n"), ["usage=1", "usage={}"]);
    }

    #[test]
    fn what_is_broken_finds_nothing_and_harms_nothing() {
        for broken in [
            "",
            "}",
            "]]]]{",
            "{\"usage\"}",
            "{\"usage\",\"model\"]",
            "\"usage\":1",
            "{\"usage\":",
            "[[\"usage\",2]]",
        ] {
            assert!(found(broken).is_empty(), "{broken:?}");
        }
        assert!(found(&"[{".repeat(10_000)).is_empty());
    }

    #[test]
    fn a_value_too_long_to_keep_is_let_go() {
        let recorder = Recorder(Mutex::default());
        let mut document = Document::new(recorder.members());
        let mut read = Metered::default();
        document.pass(b"{\"usage\":\"", &recorder, &mut read);
        for _ in 0..300 {
            document.pass(&[b'a'; 1024], &recorder, &mut read);
            assert!(document.value.len() <= LONGEST_VALUE);
        }
        document.pass(b"\",\"model\":\"m\"}", &recorder, &mut read);
        assert_eq!(*recorder.0.lock().unwrap(), ["model=\"m\""]);
    }
}
