//! A browser that runs no script of ours: it keeps a cookie and sends forms.

use super::{Answer, Call};

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A browser with one session, or none yet.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    /// The cookie that it keeps.
    pub(crate) cookie: Option<String>,
}

impl Browser {
    /// Sends a server function's form by `call`, as script would, and keeps the cookie that comes back.
    pub(crate) async fn post(&mut self, call: Call, fields: &[(&str, &str)]) -> Answer {
        self.send(call.header("accept", "application/json"), fields).await
    }

    /// The same as a browser without script does, from the page `from`.
    pub(crate) async fn submit(&mut self, call: Call, from: &str, fields: &[(&str, &str)]) -> Answer {
        let call = call
            .header("accept", "text/html")
            .header("referer", &format!("http://127.0.0.1:3000{from}"));
        self.send(call, fields).await
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, call: Call) -> Answer {
        let answer = self.with_cookie(call.header("accept", "text/html")).send().await;
        self.keep(&answer);
        answer
    }

    async fn send(&mut self, call: Call, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let call = call
            .header("content-type", "application/x-www-form-urlencoded")
            .header("user-agent", AGENT)
            .body(form);
        let answer = self.with_cookie(call).send().await;
        self.keep(&answer);
        answer
    }

    fn with_cookie(&self, call: Call) -> Call {
        match &self.cookie {
            Some(cookie) => call.header("cookie", cookie),
            None => call,
        }
    }

    fn keep(&mut self, answer: &Answer) {
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default();
        if !cookie.is_empty() {
            self.cookie = Some(cookie.to_owned());
        }
    }
}
