//! What the receiver of messages does with them.

use leptos::prelude::*;

const EXAMPLE: &str = "import { Webhook } from 'standardwebhooks';\n\n\
                       // body: what came, as text and untouched; headers: the request's own\n\
                       const event = new Webhook(process.env.LATCHKEY_WEBHOOK_SECRET).verify(body, headers);";

/// How to tell that a message is Latchkey's.
pub(super) fn how_to_verify() -> AnyView {
    view! {
        <section class="section verify" aria-labelledby="verify">
            <h2 id="verify">"How to verify a message"</h2>
            <p>
                "Messages follow "
                <a href="https://www.standardwebhooks.com" target="_blank" rel="noreferrer">
                    "Standard Webhooks"
                    <span class="sr-only">" (opens a new tab)"</span>
                </a>
                ", so any of its libraries verifies them, with the secret that was shown when the webhook was added. In JavaScript:"
            </p>
            <pre tabindex="0">
                <code>{EXAMPLE}</code>
            </pre>
            <dl class="facts headers">
                <dt>
                    <code>"webhook-id"</code>
                </dt>
                <dd>"The message's id, the same on every try: what carries an id that you have seen is no news."</dd>
                <dt>
                    <code>"webhook-timestamp"</code>
                </dt>
                <dd>"When it was sent, in seconds since 1970. Refuse what is older than five minutes."</dd>
                <dt>
                    <code>"webhook-signature"</code>
                </dt>
                <dd>"One signature over id, time and body for each secret; two while a secret is being rotated."</dd>
            </dl>
            <p>
                "Answer with a status from 200 to 299. After anything else the message comes again, less and less often, for a day."
            </p>
        </section>
    }
    .into_any()
}
