//! A mark for each provider, so that cards are told apart at a glance. Latchkey's own drawings, not
//! the providers' logos.

use leptos::prelude::*;

/// The mark of the provider `slug`; its name's first letter where there is no drawing.
pub(crate) fn provider_mark(slug: &str, name: &str) -> AnyView {
    let Some(shape) = shape(slug) else {
        let initial = name.chars().next().unwrap_or('?').to_uppercase().to_string();
        return view! { <span class="mark" aria-hidden="true">{initial}</span> }.into_any();
    };
    view! {
        <span class="mark" aria-hidden="true">
            <svg viewBox="0 0 24 24" inner_html=shape></svg>
        </span>
    }
    .into_any()
}

fn shape(slug: &str) -> Option<&'static str> {
    Some(match slug {
        // Six dots in a ring.
        "openai" => {
            r#"<g fill="currentColor" stroke="none"><circle cx="12" cy="5" r="2.4"/><circle cx="18" cy="8.5" r="2.4"/><circle cx="18" cy="15.5" r="2.4"/><circle cx="12" cy="19" r="2.4"/><circle cx="6" cy="15.5" r="2.4"/><circle cx="6" cy="8.5" r="2.4"/></g>"#
        }
        // An arch.
        "anthropic" => r#"<path d="M4.5 19.5V12a7.5 7.5 0 0 1 15 0v7.5M9.5 19.5V12a2.5 2.5 0 0 1 5 0v7.5"/>"#,
        // Twins.
        "gemini" => r#"<circle cx="8.8" cy="12" r="5.3"/><circle cx="15.2" cy="12" r="5.3"/>"#,
        // Four quarters.
        "xai" => r#"<path d="M4.5 4.5 10 10m9.5 9.5L14 14M19.5 4.5 4.5 19.5"/>"#,
        // One way in, three ways out.
        "openrouter" => {
            r#"<path d="M3.5 12h7l6-6.5h4M10.5 12h10m-10 0 6 6.5h4"/><circle cx="10.5" cy="12" r="1.6" fill="currentColor"/>"#
        }
        // Wind.
        "mistral" => r#"<path d="M3.5 7.5h12M8 12h12.5M5.5 16.5h10"/>"#,
        // Layers.
        "azure_openai" => {
            r#"<path d="m12 4 8.5 4.5L12 13 3.5 8.5 12 4ZM3.5 12.200 12 16.700l8.5-4.5M3.5 15.900 12 20.400l8.5-4.5"/>"#
        }
        // A bolt.
        "groq" => r#"<path d="M13.5 3.5 5 13.5h6l-1 7 8.5-10h-6l1-7Z"/>"#,
        // A wave over the deep.
        "deepseek" => r#"<path d="M3.5 9c3-3.5 5.5 3.5 8.5 0s5.5 3.5 8.5 0M7 15.5h10M10 19.5h4"/>"#,
        // Hands that meet.
        "together" => r#"<path d="M3.5 15.5 9 10l3 3 3-3 5.5 5.5M12 4.5v4"/>"#,
        // A rocket's trail, bursting.
        "fireworks" => r#"<path d="M12 20.5V13m0-9.5v4M5 6l3.5 3.5M19 6l-3.5 3.5M4 13.5h3.5m9 0H20"/>"#,
        // A sphere, cut.
        "cohere" => r#"<path d="M20 12a8 8 0 1 1-8-8M12 12h8M12 12V4"/>"#,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn every_provider_of_the_catalogue_has_a_mark_of_its_own() {
        let slugs = [
            "openai",
            "anthropic",
            "gemini",
            "xai",
            "openrouter",
            "mistral",
            "azure_openai",
            "groq",
            "deepseek",
            "together",
            "fireworks",
            "cohere",
        ];
        let mut shapes: Vec<_> = slugs.iter().filter_map(|slug| shape(slug)).collect();
        shapes.sort_unstable();
        shapes.dedup();
        assert_eq!(shapes.len(), slugs.len());
        assert_eq!(shape("a-provider-added-later"), None);
    }
}
