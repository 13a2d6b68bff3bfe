//! What an operation says of itself in the API's description.

use super::body::FromFields;
use axum::http::StatusCode;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, ToSchema};

/// The chapters of the description, in the order in which they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Tag {
    /// The organization and what can be chosen among.
    Organization,
    /// Projects and their settings.
    Projects,
    /// Provider keys by their ids.
    ProviderKeys,
    /// Tokens by their ids.
    Tokens,
    /// Who belongs to the organization.
    People,
    /// The panic switch.
    Locks,
    /// What calls used.
    Usage,
    /// Who did what.
    Audit,
    /// What people are told of, and webhooks.
    Notifications,
    /// The Sonzai dialect.
    Sonzai,
    /// The Levain dialect.
    Levain,
    /// The LaunchGate dialect.
    LaunchGate,
}

impl Tag {
    /// Every one.
    pub(in crate::web) const EVERY: &'static [Tag] = &[
        Tag::Organization,
        Tag::Projects,
        Tag::ProviderKeys,
        Tag::Tokens,
        Tag::People,
        Tag::Locks,
        Tag::Usage,
        Tag::Audit,
        Tag::Notifications,
        Tag::Sonzai,
        Tag::Levain,
        Tag::LaunchGate,
    ];

    /// Its heading, and what stands below it.
    pub(in crate::web) const fn describe(self) -> (&'static str, &'static str) {
        match self {
            Tag::Organization => (
                "Organization",
                "The organization that the caller belongs to, and the catalogue.",
            ),
            Tag::Projects => (
                "Projects",
                "Projects hold keys and tokens. A path names one by its id or by its slug.",
            ),
            Tag::ProviderKeys => (
                "Provider keys",
                "Every key of a project by its id. A key is probed before it is kept, and its secret is never told again.",
            ),
            Tag::Tokens => (
                "Tokens",
                "What callers of Latchkey present. A token's text is told once, when it is made.",
            ),
            Tag::People => ("People", "Who belongs to the organization, and who is invited to it."),
            Tag::Locks => (
                "Locks",
                "The panic switch: no call that a lock covers passes the gateway, with any key, on any instance.",
            ),
            Tag::Usage => (
                "Usage",
                "What calls through the gateway used. Prompts and answers are not recorded.",
            ),
            Tag::Audit => ("Audit", "Who did what, and when. Nothing on the trail can be changed."),
            Tag::Notifications => (
                "Notifications",
                "What people are told of, and the organization's own addresses that are told: webhooks.",
            ),
            Tag::Sonzai => (
                "Sonzai's calls",
                "As Sonzai documents them: the default key of each provider by the provider's slug, and a project's tokens.",
            ),
            Tag::Levain => (
                "Levain's calls",
                "As Levain documents them, in the token's project or the organization's default project.",
            ),
            Tag::LaunchGate => (
                "LaunchGate's calls",
                "As LaunchGate documents them, in the token's project or the organization's default project. Gemini is \
                 called `google` here.",
            ),
        }
    }
}

/// A body that an operation takes.
pub(in crate::web) struct BodyDocs {
    /// What it looks like.
    pub(in crate::web) schema: RefOr<Schema>,
    /// Whether there must be one.
    pub(in crate::web) is_required: bool,
    /// The fields that are read.
    #[cfg(test)]
    pub(in crate::web) fields: &'static [&'static str],
}

/// What an operation answers with when it succeeds.
pub(in crate::web) enum AnswerDocs {
    /// No body.
    Nothing,
    /// JSON.
    Json(Box<RefOr<Schema>>),
    /// A file for spreadsheets.
    Csv,
    /// A file for spreadsheets, or lines of JSON.
    CsvOrJsonLines,
}

/// What an operation says of itself.
#[expect(
    clippy::struct_excessive_bools,
    reason = "properties that have nothing to do with each other"
)]
pub(in crate::web) struct Docs {
    /// Its chapter.
    pub(in crate::web) tag: Tag,
    /// What it does, in a line.
    pub(in crate::web) summary: &'static str,
    /// What else there is to know; may be empty.
    pub(in crate::web) details: &'static str,
    /// What its query may ask for.
    pub(in crate::web) query: Vec<Parameter>,
    /// The parameters that are read of its query.
    #[cfg(test)]
    pub(in crate::web) query_fields: &'static [&'static str],
    /// What it takes.
    pub(in crate::web) body: Option<BodyDocs>,
    /// The status of its success.
    pub(in crate::web) status: StatusCode,
    /// What its success means.
    pub(in crate::web) success: &'static str,
    /// What it answers with then.
    pub(in crate::web) answer: AnswerDocs,
    /// Every type that its bodies refer to.
    pub(in crate::web) schemas: Vec<(String, RefOr<Schema>)>,
    /// Whether it answers with an `ETag`.
    pub(in crate::web) is_versioned: bool,
    /// Whether it needs an `If-Match`.
    pub(in crate::web) is_conditional: bool,
    /// Whether it may ask a provider.
    pub(in crate::web) probes: bool,
    /// Whether it may be asked too often.
    pub(in crate::web) is_throttled: bool,
    /// Whether it may find nothing though nothing is named in its path.
    pub(in crate::web) may_miss: bool,
    /// When it goes against how things are; may be empty.
    pub(in crate::web) conflict: &'static str,
}

impl Docs {
    /// An operation of this chapter that does this, and answers 204.
    pub(super) fn new(tag: Tag, summary: &'static str) -> Self {
        Self {
            tag,
            summary,
            details: "",
            query: Vec::new(),
            #[cfg(test)]
            query_fields: &[],
            body: None,
            status: StatusCode::NO_CONTENT,
            success: "Done.",
            answer: AnswerDocs::Nothing,
            schemas: Vec::new(),
            is_versioned: false,
            is_conditional: false,
            probes: false,
            is_throttled: false,
            may_miss: false,
            conflict: "",
        }
    }

    /// What else there is to know.
    pub(super) fn details(self, details: &'static str) -> Self {
        Self { details, ..self }
    }

    /// It takes this JSON object.
    pub(super) fn takes<T: FromFields + ToSchema>(self) -> Self {
        self.body::<T, T>(true)
    }

    /// It takes this JSON object, or no body at all.
    pub(super) fn may_take<T: FromFields + ToSchema>(self) -> Self {
        self.body::<T, T>(false)
    }

    /// It takes this JSON object, which looks like the other.
    pub(super) fn takes_described<T: FromFields, Looks: ToSchema>(self) -> Self {
        self.body::<T, Looks>(true)
    }

    fn body<T: FromFields, Looks: ToSchema>(mut self, is_required: bool) -> Self {
        let mut schema = Looks::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
        Looks::schemas(&mut self.schemas);
        self.body = Some(BodyDocs {
            schema,
            is_required,
            #[cfg(test)]
            fields: T::FIELDS,
        });
        self
    }

    /// Its query may ask for this.
    pub(super) fn asks<T: FromFields + IntoParams>(mut self) -> Self {
        self.query = T::into_params(|| Some(ParameterIn::Query));
        #[cfg(test)]
        {
            self.query_fields = T::FIELDS;
        }
        self
    }

    /// It answers with this status and JSON.
    pub(super) fn answers<T: ToSchema>(mut self, status: StatusCode, success: &'static str) -> Self {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        self.answer = AnswerDocs::Json(Box::new(RefOr::Ref(Ref::from_schema_name(T::name()))));
        Self {
            status,
            success,
            ..self
        }
    }

    /// It answers with a file for spreadsheets.
    pub(super) fn answers_csv(self, success: &'static str) -> Self {
        Self {
            status: StatusCode::OK,
            success,
            answer: AnswerDocs::Csv,
            ..self
        }
    }

    /// It answers with a file for spreadsheets, or with lines of JSON.
    pub(super) fn answers_csv_or_json_lines(self, success: &'static str) -> Self {
        Self {
            answer: AnswerDocs::CsvOrJsonLines,
            ..self.answers_csv(success)
        }
    }

    /// Its answer says at which version the thing is.
    pub(super) fn tells_version(self) -> Self {
        Self {
            is_versioned: true,
            ..self
        }
    }

    /// Who calls must say which version they saw.
    pub(super) fn needs_version(self) -> Self {
        Self {
            is_conditional: true,
            ..self
        }
    }

    /// It may ask a provider, which is limited.
    pub(super) fn probes(self) -> Self {
        Self {
            probes: true,
            is_throttled: true,
            ..self
        }
    }

    /// It may be asked too often.
    pub(super) fn throttled(self) -> Self {
        Self {
            is_throttled: true,
            ..self
        }
    }

    /// It may find nothing though nothing is named in its path.
    pub(super) fn may_miss(self) -> Self {
        Self { may_miss: true, ..self }
    }

    /// When it goes against how things are.
    pub(super) fn conflicts(self, conflict: &'static str) -> Self {
        Self { conflict, ..self }
    }
}
